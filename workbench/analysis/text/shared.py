"""Words that prompts share at their ends, where their texts were left out of the case.

Of such prompts the case holds a chain of keyed hashes for each end: each hash tells all words up to
its own. A word is kept only where ``ENOUGH`` prompts lead to it by the same words, which is what a
template is. This room reads them; ``analysis.kept`` makes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.text.stored import is_kept, unpacked
from workbench.domain.ports import Statement
from workbench.kernels.skeletons import WIDTH

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from workbench.domain.ports import Engine

#: Prompts that must share a beginning (an end) before a word of it is kept.
ENOUGH: Final = 6
_WORDS: Final = Statement.read(__file__, "shared_words")
_BEFORE_SIGN: Final = re.compile(r" ([.,;:!?)\]])")


class SharedWords:
    """The words that the case holds.

    Args:
        engine: Where they are.
    """

    def __init__(self, engine: Engine) -> None:
        table = engine.table(_WORDS)
        self._word = dict(
            zip(table.column("token").to_pylist(), table.column("word").to_pylist(), strict=True)
        )

    def beginning(self, head: NDArray[np.uint64], most: int = WIDTH) -> list[str]:
        """The first words of a prompt, as far as they are shared.

        Args:
            head: u64[WIDTH], its chain; 0 behind the last.
            most: Words at most.
        """
        words: list[str] = []
        for token in head[:most].tolist():
            word = self._word.get(token)
            if word is None:
                break
            words.append(word)
        return words

    def ending(self, tail: NDArray[np.uint64], most: int = WIDTH) -> list[str]:
        """The last words of a prompt, in the order of the text, as far as they are shared."""
        return self.beginning(tail, most)[::-1]


def written(words: list[str]) -> str:
    """Words as a line, signs close to the word before them."""
    return _BEFORE_SIGN.sub(r"\1", " ".join(words))


def chains(column: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Chains of the beginnings and ends that are kept, u64[m, WIDTH] each."""
    both = unpacked(column, np.uint64, 2 * WIDTH)
    return both[:, :WIDTH], both[:, WIDTH:]


def named_by(texts: pa.Array, ends: pa.Array, words: SharedWords) -> list[str]:
    """What a place may be named by: a text, or the words that are kept of it.

    Args:
        texts: Strings; NULL where the text was left out.
        ends: What is kept in their places.
        words: The shared words.
    """
    found: list[str] = [text or "" for text in texts.to_pylist()]
    heads, tails = chains(ends)
    for row, head, tail in zip(np.flatnonzero(is_kept(ends)).tolist(), heads, tails, strict=True):
        found[row] = written([*words.beginning(head), *words.ending(tail)])
    return found
