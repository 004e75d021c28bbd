"""Templates: the skeletons that many prompts share, with slots for what is filled in.

A skeleton is how prompts begin, how they end, or both. Found on one representative of each
near-duplicate group, in time linear in the number of groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.stage import Context, Stage, StageResult
from workbench.analysis.text.alphabet import alphabet
from workbench.analysis.text.buffers import text_buffers
from workbench.analysis.text.shared import SharedWords, chains, written
from workbench.analysis.text.stored import is_kept
from workbench.analysis.text.vectors import BLOCK, texts_of
from workbench.analysis.threads import in_order
from workbench.domain.ports import Statement
from workbench.kernels.skeletons import WIDTH, ends, grow, index_skeletons, match, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: What a slot is written as.
SLOT: Final = "<*>"
#: Groups, or prompts of one group, that make a template.
LEAST: Final = 6
#: Tokens that tell a beginning, or an end, from chance ("what is the", "in the world ?").
_LEAST_HEAD, _LEAST_TAIL = 3, 4
#: Groups on which the trees are grown, the largest first; the others are matched.
_MOST_GROWN: Final = 400_000
#: Members of a group that are compared for the skeleton of that group, and tokens of each.
_COMPARED, _TOKENS = 5, 200
#: Groups that are compared so; smaller ones show how their first prompt begins.
_MOST_COMPARED: Final = 2_000
_PROMPTS: Final = Statement.read(__file__, "prompt_ends")
_STEP: Final = "Finding templates"
_SLOTS: Final = re.compile(r"<\*>(\s*<\*>)+")

TEMPLATES_TABLE: Final = pa.schema(
    [
        ("template_id", pa.int32()),
        ("skeleton", pa.string()),
        ("n_prompts", pa.int64()),
        ("n_groups", pa.int64()),
        ("example_prompt_id", pa.int32()),
    ]
)


def templates_stage() -> Stage:
    """Templates of prompts."""
    return Stage(
        "text.templates", _STEP, templates, after=("text.groups",), added=False, weight=4.0
    )


def templates(context: Context) -> StageResult:
    """Find templates.

    Returns:
        ``template`` i32[P] (-1 none); table ``templates`` (``TEMPLATES_TABLE``), most prompts
        first. ``example_prompt_id`` is the first prompt that has the template.
    """
    group = np.asarray(context.artifacts.array("text.groups", "group"))
    leader = np.asarray(context.artifacts.array("text.groups", "leader"))
    sizes = np.bincount(group, minlength=len(leader))
    heads, tails = _ends_of(context, leader)
    context.job.check()
    head, head_depth = _skeletons(heads, sizes, _LEAST_HEAD)
    context.job.check()
    tail, tail_depth = _skeletons(tails, sizes, _LEAST_TAIL)
    context.job.check()
    head, tail = _paired(head, tail, head_depth, tail_depth)

    alone = (head < 0) & (tail < 0) & (sizes >= LEAST)
    # A group without beginning or end in common with others, but with many prompts of its own.
    key = np.column_stack((head, tail, np.where(alone, np.arange(len(leader)), -1)))
    has = np.asarray((key >= 0).any(axis=1))
    kinds, code = np.unique(key[has], axis=0, return_inverse=True)
    n_prompts = np.bincount(code, weights=sizes[has], minlength=len(kinds)).astype(np.int64)
    # What pairing left of a skeleton may be too little to be one.
    enough = n_prompts >= LEAST
    has[has] = enough[code]
    code = (np.cumsum(enough) - 1)[code[enough[code]]]
    kinds, n_prompts = kinds[enough], n_prompts[enough]
    example = np.full(len(kinds), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(example, code, leader[has])
    order = np.lexsort((example, -n_prompts))
    rank = np.empty(len(kinds), np.int32)
    rank[order] = np.arange(len(kinds), dtype=np.int32)

    of_group = np.full(len(leader), -1, np.int32)
    of_group[has] = rank[code]
    template = of_group[group]
    kinds, example = kinds[order], example[order]
    table = pa.table(
        {
            "template_id": np.arange(len(kinds), dtype=np.int32),
            "skeleton": _written(
                context,
                kinds,
                example,
                head_depth,
                tail_depth,
                group,
                _Ends(leader, heads, tails),
            ),
            "n_prompts": n_prompts[order],
            "n_groups": np.bincount(of_group[has], minlength=len(kinds)),
            "example_prompt_id": example,
        },
    ).cast(TEMPLATES_TABLE)
    return StageResult(
        {"template": template},
        {"templates": table},
        {"n_templates": len(kinds), "n_prompts": int((template >= 0).sum())},
    )


def _ends_of(
    context: Context, leader: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Tokens of the beginning and the end of each group's leader, u64[G, WIDTH] each."""

    def read(batch: pa.RecordBatch) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        ids = batch["prompt_id"].to_numpy()
        at = np.searchsorted(leader, ids)
        mine = at < len(leader)
        mine[mine] = leader[at[mine]] == ids[mine]
        head, tail = ends_of(batch["text"].filter(pa.array(mine)))
        kept = batch["ends"].filter(pa.array(mine))
        if kept.null_count < len(kept):
            head[is_kept(kept)], tail[is_kept(kept)] = chains(kept)
        return head, tail

    heads = np.empty((len(leader), WIDTH), np.uint64)
    tails = np.empty((len(leader), WIDTH), np.uint64)
    done = 0
    batches = context.engine.scan(_PROMPTS, rows=BLOCK)
    for head, tail in in_order(read, batches, threads=context.settings.jobs, job=context.job):
        heads[done : done + len(head)] = head
        tails[done : done + len(tail)] = tail
        done += len(head)
        context.job.report(_STEP, done=0.6 * done / len(leader))
    return heads, tails


def ends_of(texts: pa.Array) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Tokens of the beginning and the end of each text, u64[n, WIDTH] each."""
    letters = alphabet()
    data, offsets = text_buffers(texts)
    head = np.empty((len(texts), WIDTH), np.uint64)
    tail = np.empty((len(texts), WIDTH), np.uint64)
    ends(data, offsets, letters.fold, letters.kind, head, tail)
    return head, tail


def _skeletons(
    rows: NDArray[np.uint64], sizes: NDArray[np.int64], least_tokens: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The longest skeleton of each row, i32[G] (-1 none), and the tokens of each skeleton."""
    grown = rows
    if len(rows) > _MOST_GROWN:
        grown = rows[np.lexsort((np.arange(len(rows)), -sizes))[:_MOST_GROWN]]
    grown = grown[np.lexsort(grown.T[::-1])]
    example, depth = grow(grown, LEAST, least_tokens)
    keys, numbers = index_skeletons(grown, example, depth)
    found = np.empty(len(rows), np.int32)
    match(rows, keys, numbers, found)
    return found, depth


def _paired(
    head: NDArray[np.int32],
    tail: NDArray[np.int32],
    head_depth: NDArray[np.int32],
    tail_depth: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Keep beginning and end together where enough groups share both, else the longer one."""
    both = np.flatnonzero((head >= 0) & (tail >= 0))
    if len(both) == 0:
        return head, tail
    pair = head[both].astype(np.int64) * len(tail_depth) + tail[both]
    _, code, counts = np.unique(pair, return_inverse=True, return_counts=True)
    rare = both[counts[code] < LEAST]
    longer_head = head_depth[head[rare]] >= tail_depth[tail[rare]]
    head, tail = head.copy(), tail.copy()
    tail[rare[longer_head]] = -1
    head[rare[~longer_head]] = -1
    return head, tail


# --- skeletons as text -----------------------------------------------------------------------
def _written(
    context: Context,
    kinds: NDArray[np.int64],
    example: NDArray[np.int32],
    head_depth: NDArray[np.int32],
    tail_depth: NDArray[np.int32],
    group: NDArray[np.int32],
    kept: _Ends,
) -> list[str]:
    """The skeleton of each template, from its example."""
    alone_groups = kinds[:, 2][kinds[:, 2] >= 0]
    members = _members(alone_groups[:_MOST_COMPARED], group)
    wanted = np.unique(np.concatenate((example, *members.values())).astype(np.int64))
    texts = dict(zip(wanted.tolist(), texts_of(context, wanted).to_pylist(), strict=True))
    shared: SharedWords | None = None
    skeletons = []
    for (head, tail, alone), prompt in zip(kinds.tolist(), example.tolist(), strict=True):
        context.job.check()
        first = int(head_depth[head]) if head >= 0 else 0 if tail >= 0 else WIDTH
        last = int(tail_depth[tail]) if tail >= 0 else 0
        if texts[prompt] is None:
            shared = shared or SharedWords(context.engine)
            skeletons.append(kept.skeleton(shared, prompt, first, last))
            continue
        if alone in members:
            skeletons.append(common_skeleton([texts[p] for p in members[alone].tolist()]))
            continue
        skeletons.append(framed_skeleton(texts[prompt], first, last))
    return skeletons


@dataclass(frozen=True, slots=True)
class _Ends:
    """Ends of the leaders, for those whose texts were left out.

    Attributes:
        leader: i32[G] ascending prompt_id.
        heads: u64[G, WIDTH].
        tails: u64[G, WIDTH].
    """

    leader: NDArray[np.int32]
    heads: NDArray[np.uint64]
    tails: NDArray[np.uint64]

    def skeleton(self, shared: SharedWords, prompt: int, first: int, last: int) -> str:
        """What is kept of a leader's first and last tokens, with a slot between."""
        row = int(np.searchsorted(self.leader, prompt))
        head = shared.beginning(self.heads[row], first)
        tail = shared.ending(self.tails[row], last)
        return masked(f"{written(head)} {SLOT} {written(tail)}".strip())


def _members(groups: NDArray[np.int64], group: NDArray[np.int32]) -> dict[int, NDArray[np.integer]]:
    """The first prompts of some groups, by group."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], groups)
    stops = np.searchsorted(group[order], groups, side="right")
    return {
        number: order[start : min(stop, start + _COMPARED)]
        for number, start, stop in zip(groups.tolist(), starts, stops, strict=True)
    }


def framed_skeleton(text: str, first: int, last: int) -> str:
    """A text's first and last tokens with a slot between, if anything is between."""
    data, tokens = _tokens(text, 1 << 16)
    if first + last >= len(tokens):
        return masked(_piece(data, tokens))
    head = _piece(data, tokens[:first])
    tail = _piece(data, tokens[len(tokens) - last :])
    return masked(f"{head} {SLOT} {tail}".strip())


def common_skeleton(texts: Sequence[str]) -> str:
    """What texts have in common, in order, with slots where they differ."""
    data, tokens = _tokens(texts[0], _TOKENS)
    kept = np.ones(len(tokens), np.bool_)
    mine = [token[0] for token in tokens]
    for text in texts[1:]:
        theirs = [token[0] for token in _tokens(text, _TOKENS)[1]]
        same = np.zeros(len(tokens), np.bool_)
        matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
        for block in matcher.get_matching_blocks():
            same[block.a : block.a + block.size] = True
        kept &= same
    parts: list[str] = []
    at = 0
    while at < len(tokens):
        stop = at
        while stop < len(tokens) and kept[stop] == kept[at]:
            stop += 1
        parts.append(_piece(data, tokens[at:stop]) if kept[at] else SLOT)
        at = stop
    return masked(" ".join(parts))


def masked(text: str) -> str:
    """Numbers are slots, too: texts that differ in them alone are one skeleton."""
    return _SLOTS.sub(SLOT, re.sub(r"\d+", SLOT, text))


def _tokens(text: str, most: int) -> tuple[bytes, list[tuple[int, int, int]]]:
    """The text's bytes, and (hash, first byte, one behind the last) of its tokens."""
    data = text.encode("utf-8", "replace")
    letters = alphabet()
    room = min(most, len(data))
    hashes, begins, stops = (
        np.empty(room, np.uint64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )
    count = spans(np.frombuffer(data, np.uint8), letters.fold, letters.kind, hashes, begins, stops)
    columns = (array[:count].tolist() for array in (hashes, begins, stops))
    return data, list(zip(*columns, strict=True))


def _piece(data: bytes, tokens: Sequence[tuple[int, int, int]]) -> str:
    """The text from the first of the tokens to the last, white space as single blanks."""
    if not tokens:
        return ""
    return " ".join(data[tokens[0][1] : tokens[-1][2]].decode("utf-8", "replace").split())
