"""What is kept of texts that a case shall not hold: computed while a log is read (``TextKeeper``).

All that the analysis reads of texts, so that its results are those that it would have with them:
of a prompt its MinHash signature, its vector, what it asks for, and its first and last tokens; of
an answer its length, the hash of its normal form, and whether it begins as refusals do; and of what
stands in columns of codes and is none, a name (``analysis.codes``). Tokens
would give a text away, word by word, to whoever hashes a dictionary. So the case gets chains of
SipHash with a key outside it: each hash stands for all tokens from the end of the text up to its
own, and tells nothing without the key. The words themselves are kept only where ``ENOUGH`` prompts
share all that leads to them: these are the templates. What a signature, a vector and a digest of
the exact text tell stays: who guesses a text can check it, and a vector says what a text is about,
at times its very words (Morris et al. 2023, "Text Embeddings Reveal (Almost) As Much As Text").
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.analysis.answers.refusals import READ_CHARACTERS, begins_refused
from workbench.analysis.answers.stage import HEAD, forms_of
from workbench.analysis.codes import Codes
from workbench.analysis.signals.content import elicitation
from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.embed import static_embedder
from workbench.analysis.text.groups import signed
from workbench.analysis.text.shared import ENOUGH
from workbench.analysis.text.stored import packed
from workbench.analysis.text.templates import SLOT, ends_of
from workbench.domain.door import (
    KEPT_OF_ANSWER,
    KEPT_OF_PROMPT,
    KEPT_OF_SYSTEM,
    SHARED_WORDS,
)
from workbench.kernels.characters import IGNORE, SIZE
from workbench.kernels.hashing import sip_finish, sip_start, sip_words
from workbench.kernels.skeletons import WIDTH, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

#: Raised by hand when what is kept of a text changes in any other way than by the embedder.
_VERSION: Final = 1
#: Ends: chains of a beginning and of an ending never meet.
_HEAD, _TAIL = 0, 1


class Kept:
    """Computes what is kept (port ``TextKeeper``). For one import at a time, on one thread.

    Args:
        secret: The key, 32 bytes; chains are keyed with one that is derived from it.
    """

    def __init__(self, secret: bytes) -> None:
        derived = hmac.digest(secret, b"workbench ends of texts", "sha256")[:16]
        self._key = np.frombuffer(derived, np.uint64)
        self._codes = Codes(secret)
        self._shared: set[int] = set()
        self._seen: dict[int, int] = {}

    @staticmethod
    def digest() -> str:
        """How texts are read, SHA-256 cut to 16 hex digits: what is kept by another is no match."""
        parts = f"{_VERSION} {static_embedder().digest} {list(elicitation.SPECS)}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    def begin(self, tokens: NDArray[np.uint64], counted: bytes = b"") -> None:
        """Count anew, or go on counting.

        Args:
            tokens: u64[n], those whose words the case holds.
            counted: What another has counted.
        """
        self._shared = set(tokens.tolist())
        pairs = np.frombuffer(counted, np.uint64).reshape(2, -1)
        self._seen = dict(zip(*pairs.tolist(), strict=True))

    def counted(self) -> bytes:
        """Tokens and how many prompts have each, of those that too few have: u64[2, n]."""
        return np.array([[*self._seen], [*self._seen.values()]], np.uint64).tobytes()

    def prompts(self, texts: pa.StringArray) -> tuple[pa.Table, pa.Table]:
        """What is kept of distinct prompts, and words that became shared by them."""
        exact, minima = signed(texts)
        heads, tails = ends_of(texts)
        chained = [self._chained(heads, _HEAD), self._chained(tails, _TAIL)]
        asks = elicitation.as_bits(elicitation.matches(texts), len(texts))
        columns = [
            packed(np.hstack([exact[:, None].view(np.uint32), minima])),
            packed(np.hstack(chained)),
            packed(static_embedder().embed(texts)),
            pa.array(asks),
            pc.utf8_length(texts),
        ]
        words: list[tuple[int, int, str]] = []
        for end, chain in enumerate(chained):
            words += self._became_shared(texts, chain, end)
        rows = zip(*words, strict=True) if words else ((), (), ())
        shared = [pa.array(v, f.type) for v, f in zip(rows, SHARED_WORDS, strict=True)]
        return (
            pa.Table.from_arrays(columns, schema=KEPT_OF_PROMPT),
            pa.Table.from_arrays(shared, schema=SHARED_WORDS),
        )

    def systems(self, texts: pa.StringArray) -> pa.Table:
        """What is kept of distinct system prompts."""
        asks = elicitation.as_bits(elicitation.matches(texts), len(texts))
        return pa.Table.from_arrays([pa.array(asks), pc.utf8_length(texts)], schema=KEPT_OF_SYSTEM)

    def answers(self, completions: pa.StringArray, reasonings: pa.StringArray) -> pa.Table:
        """What is kept of answers."""
        there = completions.is_valid()
        forms = pa.array(forms_of(pc.utf8_slice_codeunits(completions, 0, HEAD)))
        heads = pc.utf8_slice_codeunits(completions, 0, READ_CHARACTERS)
        columns = [
            pc.utf8_length(completions),
            pc.if_else(there, forms, pa.scalar(None, pa.uint64())),
            pc.if_else(there, pa.array(begins_refused(heads)), pa.scalar(None, pa.bool_())),
            pc.utf8_length(reasonings),
        ]
        return pa.Table.from_arrays(columns, schema=KEPT_OF_ANSWER)

    def codes(self, column: str, values: pa.StringArray) -> pa.StringArray:
        """What is kept of a column that should hold codes."""
        return self._codes.of(column, values)

    def _chained(self, rows: NDArray[np.uint64], end: int) -> NDArray[np.uint64]:
        """SipHash of all tokens up to each one; 0 where there is none."""
        n = len(rows)
        states = sip_start(n, self._key)
        sip_words(states, np.full(n, end, np.uint64), np.ones(n, np.bool_))
        chain = np.zeros_like(rows)
        for column in range(WIDTH):
            there = rows[:, column] != 0
            if not there.any():
                break
            sip_words(states, np.ascontiguousarray(rows[:, column]), there)
            chain[there, column] = sip_finish(states)[there, 0]
        return chain

    def _became_shared(
        self, texts: pa.StringArray, chain: NDArray[np.uint64], end: int
    ) -> list[tuple[int, int, str]]:
        """(row, token, word) of tokens that enough prompts have by now.

        A token is counted from when all that leads to it is shared, so that memory grows with
        what is shared, and not with the log.
        """
        found: list[tuple[int, int, str]] = []
        tokens_of: dict[int, list[str]] = {}
        rows = np.arange(len(chain))
        for column in range(WIDTH):
            rows = rows[chain[rows, column] != 0]
            if not len(rows):
                break
            here = chain[rows, column]
            distinct, first, counts = np.unique(here, return_index=True, return_counts=True)
            for token, at, count in zip(
                distinct.tolist(), rows[first].tolist(), counts.tolist(), strict=True
            ):
                if token in self._shared:
                    continue
                seen = self._seen.get(token, 0) + count
                if seen < ENOUGH:
                    self._seen[token] = seen
                    continue
                self._seen.pop(token, None)
                self._shared.add(token)
                if at not in tokens_of:
                    tokens_of[at] = _tokens(texts[at].as_py())
                words = tokens_of[at]
                found.append((at, token, words[column] if end == _HEAD else words[-1 - column]))
            known = np.fromiter((token in self._shared for token in distinct.tolist()), np.bool_)
            rows = rows[known[np.searchsorted(distinct, here)]]
        return found


def _tokens(text: str) -> list[str]:
    """The tokens of a text as they are hashed: folded, digits masked, nothing invisible."""
    data = text.encode("utf-8", "replace")
    letters = alphabet()
    hashes = np.empty(len(data), np.uint64)
    begins, stops = np.empty(len(data), np.int64), np.empty(len(data), np.int64)
    count = spans(np.frombuffer(data, np.uint8), letters.fold, letters.kind, hashes, begins, stops)
    return [
        _folded(data[begin:stop].decode("utf-8", "replace"))
        for begin, stop in zip(begins[:count].tolist(), stops[:count].tolist(), strict=True)
    ]


def _folded(token: str) -> str:
    letters = alphabet()
    out: list[str] = []
    for code in _codes(token):
        if code < SIZE:
            if letters.kind[code] == IGNORE:
                continue
            code = int(letters.fold[code])
        elif code >= 0x40000:
            continue
        digit = 48 <= code <= 57
        if not digit:
            out.append(chr(code))
        elif not out or out[-1] != SLOT:
            out.append(SLOT)
    return "".join(out)


def _codes(token: str) -> Iterable[int]:
    return map(ord, token)
