"""Texts to vectors: the static token table that is shipped, or vectors that the log brought.

Nothing here touches the network or learns from a case: a text has the same vector in every
case. How the table was made is said in resources/embedding.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.buffers import text_buffers
from workbench.domain.errors import InputError
from workbench.domain.ports import Statement
from workbench.domain.resources import resource_path
from workbench.kernels.characters import HAN, PARTICLE
from workbench.kernels.pooling import GRAMMAR, index_tokens, pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.domain.ports import Embedder, Engine

#: Length of a script's own direction, as a share of its n-grams' (measured: README of the
#: table); enough to keep languages apart on the map, too little to hide topics.
_SCRIPT_SHARE: Final = 0.5
_COLUMN: Final = "column:"
_FILES: Final = ("vocabulary.txt", "vectors.npy", "scales.npy", "function_words.txt")
_VECTOR_LENGTHS = Statement.read(__file__, "vector_lengths")
_VECTORS_OF_TEXTS = Statement.read(__file__, "vectors_of_texts")


def make_embedder(name: str, engine: Engine) -> Embedder:
    """The embedder of that name.

    Args:
        name: "static" or "column:NAME" (vectors from that column of the log).
        engine: Where a column's vectors are read; used on the calling thread only.

    Raises:
        InputError: No such embedder, or the log brought no vectors.
    """
    if name == "static":
        return static_embedder()
    if name.startswith(_COLUMN) and name != _COLUMN:
        return ColumnEmbedder(name, engine)
    raise InputError(
        f"There is no embedder called {name!r}.",
        remedy="Choose static, or column:NAME for vectors that the log holds in column NAME.",
    )


def check_embedder(name: str, engine: Engine) -> None:
    """Whether there is an embedder of that name, before any work is done.

    Raises:
        InputError: As ``make_embedder``.
    """
    if name != "static":
        make_embedder(name, engine)


def embedder_digests(name: str) -> dict[str, str]:
    """What of an embedder enters a stage's key: its name and the digest of its resources."""
    return {"embedder": static_embedder().digest if name == "static" else name}


class StaticEmbedder:
    """The mean of a text's weighted token vectors, as a unit vector (port ``Embedder``).

    Word pieces of Latin script come from the shipped table. Scripts outside its vocabulary
    are hashed character n-grams in fixed random directions of the same space; texts in other
    languages of Latin script get both. Safe from several threads.

    Args:
        tokens: Vocabulary, a row each; "##" marks a piece inside a word.
        vectors: f32[T, D], weighted; D is a multiple of 32.
        grammar: Words that carry grammar only.
        digest: Digest of all of these and of the alphabet.
    """

    def __init__(
        self,
        tokens: list[str],
        vectors: NDArray[np.float32],
        grammar: list[str],
        digest: str,
    ) -> None:
        letters = alphabet()
        self.name = "static"
        self.dimension = int(vectors.shape[1])
        self.digest = digest
        self._letters = letters
        self._kind = letters.kind.copy()
        entries: list[tuple[str, bool, int]] = []
        for word in grammar:
            if len(word) == 1 and letters.kind[ord(word)] == HAN:
                self._kind[ord(word)] = PARTICLE
            else:
                entries.append((word, False, GRAMMAR))
        for row, token in enumerate(tokens):
            inside = token.startswith("##") and len(token) > 2
            entries.append((token[2:] if inside else token, inside, row))
        folded = [
            [int(letters.fold[ord(c)]) for c in text if letters.kind[ord(c)]]
            for text, _, _ in entries
        ]
        self._keys, self._rows = index_tokens(
            np.array([code for codes in folded for code in codes], np.uint32),
            np.concatenate(([0], np.cumsum([len(codes) for codes in folded]))).astype(np.int64),
            np.array([inside for _, inside, _ in entries], np.bool_),
            np.array([row for _, _, row in entries], np.int32),
        )
        # Whole numbers add exactly in any order; 16 bits hold the table as well as floats do.
        self._table = np.round(vectors * (32_767 / np.abs(vectors).max())).astype(np.int16)
        lengths = np.sqrt((self._table.astype(np.float64) ** 2).sum(axis=1))
        self._unit = int(np.median(lengths) / np.sqrt(self.dimension) / 16)

    def embed(self, texts: pa.StringArray) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension); zeros for a text without any token."""
        data, offsets = text_buffers(texts)
        out = np.empty((len(texts), self.dimension), np.float32)
        letters = self._letters
        pool(
            data,
            offsets,
            letters.fold,
            self._kind,
            letters.script,
            self._keys,
            self._rows,
            self._table,
            self._unit,
            _SCRIPT_SHARE,
            out,
        )
        return out


@cache
def static_embedder() -> StaticEmbedder:
    """The shipped table, loaded once a process."""
    digest = hashlib.sha256(alphabet().digest.encode())
    paths = {name: resource_path(f"embedding/{name}") for name in _FILES}
    for path in paths.values():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    lines = paths["function_words.txt"].read_text("utf-8").splitlines()
    grammar = [word for line in lines if not line.startswith("#") for word in line.split()[1:]]
    scales = np.load(paths["scales.npy"])
    vectors = np.load(paths["vectors.npy"]).astype(np.float32) * scales[:, None]
    tokens = paths["vocabulary.txt"].read_text("utf-8").split("\n")[: len(vectors)]
    return StaticEmbedder(tokens, vectors, grammar, digest.hexdigest())


class ColumnEmbedder:
    """Vectors that the log brought, scaled to unit length (port ``Embedder``).

    Vectors of the commonest length count; a prompt with none, or with one of another length,
    gets zeros.

    Args:
        name: As in ``--embedder``: "column:NAME".
        engine: Where the vectors are; used on the calling thread only.

    Raises:
        InputError: The log brought no vectors.
    """

    def __init__(self, name: str, engine: Engine) -> None:
        lengths = engine.table(_VECTOR_LENGTHS)
        if lengths.num_rows == 0:
            raise InputError(
                f"The embedder {name} needs vectors, and no imported log holds any.",
                remedy="Import a log with a column embedding, or choose the embedder static.",
            )
        self.name = name
        self.dimension = int(lengths["length"][0].as_py())
        self.digest = name
        self._engine = engine

    def embed(self, texts: pa.StringArray) -> NDArray[np.float32]:
        """Unit vectors of prompts of the case, found by their exact text."""
        positions = pa.array(np.arange(len(texts), dtype=np.int64))
        self._engine.with_table("asked", pa.table({"position": positions, "text": texts}))
        out = np.zeros((len(texts), self.dimension), np.float32)
        for batch in self._engine.scan(_VECTORS_OF_TEXTS, length=self.dimension):
            out[batch["position"].to_numpy()] = unit_vectors(batch["vector"], self.dimension)
        return out


def unit_vectors(lists: pa.ListArray, dimension: int) -> NDArray[np.float32]:
    """Lists of floats, all of length ``dimension``, as unit rows; a row not finite is zero."""
    rows = lists.flatten().to_numpy(zero_copy_only=False).reshape(-1, dimension)
    wide = rows.astype(np.float64)
    wide[~np.isfinite(wide).all(axis=1)] = 0.0
    lengths = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    lengths[lengths == 0.0] = 1.0
    unit: NDArray[np.float32] = (wide / lengths).astype(np.float32)
    return unit
