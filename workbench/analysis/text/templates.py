"""Templates: the skeletons that many prompts share.

Drain (He et al., Drain: an online log parsing approach with fixed depth tree, ICWS 2017) learns
skeletons from the leaders of the largest near-duplicate groups; every other leader is matched
against the finished tree, and a prompt has the template of its group. On free text the tree
would grow with every prompt, so what it learns from, and how wide it grows, is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.vectors import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_STEP: Final = "Finding templates"
_BLOCK: Final = 16_384

SLOT: Final = "<*>"
#: Prompts that the tree learns from, and how many of one group: its first ones show the slots.
LEARNED: Final = 30_000
OF_A_GROUP: Final = 3
#: Characters and tokens of a prompt that are looked at: the skeleton stands at the beginning.
CHARACTERS: Final = 600
TOKENS: Final = 60
#: A skeleton counts when this many prompts share it, and this many of its words are constant.
LEAST_PROMPTS: Final = 3
LEAST_WORDS: Final = 2
LEAST_CONSTANT: Final = 0.3

TEMPLATES_TABLE: Final = pa.schema(
    [
        ("template_id", pa.int32()),
        ("skeleton", pa.string()),
        ("n_prompts", pa.int64()),
        ("n_groups", pa.int64()),
        ("example_prompt_id", pa.int32()),
    ]
)

#: Scripts without spaces: each character is a token of its own.
_CHARACTER: Final = (
    "[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"
)
_UNSPACED: Final = re.compile(f"({_CHARACTER})")
_JOINED: Final = re.compile(f"({_CHARACTER}) (?={_CHARACTER})")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_REPEATED: Final = re.compile(rf"{re.escape(SLOT)}(?: {re.escape(SLOT)})+")


def templates_stage() -> Stage:
    """Skeletons shared by prompts."""
    return Stage(
        "text.templates",
        _STEP,
        templates,
        after=("text.groups",),
        libraries=("numpy", "pyarrow", "drain3"),
        weight=12.0,
    )


def templates(context: Context) -> StageResult:
    """Give every prompt its template.

    Returns:
        ``template`` i32[P], -1 for none; table ``templates`` (``TEMPLATES_TABLE``), the most
        shared first.
    """
    group = context.artifacts.array("text.groups", "group")
    leader = context.artifacts.array("text.groups", "leader")
    sizes = np.bincount(group, minlength=len(leader))
    skeletons = _skeletons(context, leader, learned_prompts(group, sizes))

    found: dict[str, list[int]] = {}
    for index, skeleton in enumerate(skeletons):
        if skeleton:
            found.setdefault(skeleton, []).append(index)
    weight = {skeleton: int(sizes[groups].sum()) for skeleton, groups in found.items()}
    shared = {s: groups for s, groups in found.items() if weight[s] >= LEAST_PROMPTS}
    ranked = sorted(shared, key=lambda skeleton: (-weight[skeleton], skeleton))
    of_group = np.full(len(leader), -1, np.int32)
    for template_id, skeleton in enumerate(ranked):
        of_group[shared[skeleton]] = template_id
    table = pa.table(
        {
            "template_id": range(len(ranked)),
            "skeleton": ranked,
            "n_prompts": [weight[skeleton] for skeleton in ranked],
            "n_groups": [len(shared[skeleton]) for skeleton in ranked],
            "example_prompt_id": [int(leader[shared[skeleton][0]]) for skeleton in ranked],
        },
        schema=TEMPLATES_TABLE,
    )
    template = of_group[group] if len(group) else np.zeros(0, np.int32)
    return StageResult(
        {"template": template},
        {"templates": table},
        {"n_templates": len(ranked), "n_prompts": int((template >= 0).sum())},
    )


def learned_prompts(group: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.int32]:
    """Prompts that the tree learns from: the first few of the largest groups, ascending."""
    by_group = np.argsort(group, kind="stable")
    first = np.cumsum(sizes) - sizes
    rank = np.empty(len(group), np.int64)
    rank[by_group] = np.arange(len(group)) - np.repeat(first, sizes)
    wanted = np.flatnonzero(rank < OF_A_GROUP)
    # Largest groups first, earlier prompts before later ones: the same choice on every machine.
    chosen = wanted[np.lexsort((wanted, -sizes[group[wanted]]))][:LEARNED]
    return np.sort(chosen).astype(np.int32)


def _skeletons(
    context: Context, leader: NDArray[np.int32], learned: NDArray[np.int32]
) -> list[str]:
    """The skeleton of each group, "" for none."""
    from drain3.drain import Drain

    tree = Drain(depth=5, sim_th=0.5, max_children=64, param_str=SLOT)
    position = {int(prompt_id): index for index, prompt_id in enumerate(leader)}
    for count, (_, tokens) in enumerate(_token_lines(context, learned)):
        if tokens:
            tree.add_log_message(tokens)
        if count % 512 == 0:
            context.job.report(_STEP, done=0.5 * count / max(len(learned), 1))
    skeletons = [""] * len(leader)
    written: dict[int, str] = {}
    for count, (prompt_id, tokens) in enumerate(_token_lines(context, leader)):
        match: Any = tree.match(tokens) if tokens else None
        if match is not None:
            if match.cluster_id not in written:
                written[match.cluster_id] = skeleton_of(match.get_template())
            skeletons[position[prompt_id]] = written[match.cluster_id]
        if count % 512 == 0:
            done = 0.5 + 0.5 * count / len(leader)
            context.job.report(_STEP, done=done, count=count, total=len(leader), unit="prompts")
    return skeletons


def _token_lines(context: Context, prompt_ids: NDArray[np.int32]) -> Iterator[tuple[int, str]]:
    """(prompt_id, tokens joined by spaces) of the given prompts, in order."""
    ordered = np.sort(prompt_ids)
    for first in range(0, len(ordered), _BLOCK):
        context.job.check()
        block = ordered[first : first + _BLOCK]
        texts = texts_of(context, block).to_pylist()
        for prompt_id, text in zip(block.tolist(), texts, strict=True):
            yield prompt_id, token_line(text or "")


def token_line(text: str) -> str:
    """The beginning of a prompt as tokens: numbers masked, unspaced scripts cut by character."""
    text = _NUMBER.sub(SLOT, text[:CHARACTERS])
    return " ".join(_UNSPACED.sub(r" \1 ", text).split()[:TOKENS])


def skeleton_of(template: str) -> str:
    """A template for reading: neighbouring slots are one; "" when too little of it is constant."""
    tokens = template.split()
    constant = [token for token in tokens if SLOT not in token]
    if len(constant) < LEAST_WORDS or len(constant) < LEAST_CONSTANT * len(tokens):
        return ""
    skeleton = _REPEATED.sub(SLOT, template)
    # Characters that were cut apart are joined again, so that Chinese reads as Chinese.
    return _JOINED.sub(r"\1", skeleton)
