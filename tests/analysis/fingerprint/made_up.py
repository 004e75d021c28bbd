"""A fingerprint of a few made-up numbers, whole and valid."""

from __future__ import annotations

import numpy as np

from workbench.analysis.fingerprint.form import (
    ELICITATIONS,
    FORMAT,
    OCTAVES,
    VERSION,
    Client,
    Fingerprint,
    Measured,
    Origin,
    Regions,
    Seen,
    Threshold,
    Value,
    Wording,
)
from workbench.analysis.fingerprint.likeness import KINDS


def fingerprint() -> Fingerprint:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(3, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kinds = [1_000_000 // len(KINDS)] * len(KINDS)
    return Fingerprint(
        format=FORMAT,
        version=VERSION,
        origin=Origin(
            program="0.1.0",
            case_digest="ab" * 32,
            cluster="C-001",
            label="confirmed",
            verdict="multi-axis",
            first_day="2026-05-01",
            last_day="2026-05-30",
            n_accounts=40,
            n_prompts=900,
            attributed=True,
        ),
        ordinary=500,
        wordings=[
            Wording(5, 0, "00ff00ff00ff00ff", 300, Seen(30, 2), "Solve step by step <*>"),
            Wording(3, 4, "0123456789abcdef", 40, Seen(10, 0), None),
        ],
        regions=Regions(
            "e" * 64,
            8,
            Regions.packed(vectors),
            [500, 300, 100],
            [Seen(40, 20), Seen(30, 5), Seen(9, 1)],
        ),
        elicitation=[700, 200, *[0] * (ELICITATIONS - 2)],
        pace=[5] * OCTAVES,
        clients=[Client("openai-python", Seen(30, 100))],
        pooling={"network": 250_000, "payment": 0},
        values=[
            Value("clients", "agent it's <b>a\\'client</b>/1.0", Seen(9, 0)),
            Value("networks", "203.0.113.0/24", Seen(6, 1)),
            Value("payments", "=cmd|' /C calc'!A0", Seen(4, 0)),
        ],
        parts=[
            Measured("wordings", Seen(30, 2), kinds),
            Measured("regions", Seen(38, 9), kinds),
            Measured("values", Seen(12, 1), []),
        ],
        threshold=Threshold(7_250, Seen(35, 0)),
    )
