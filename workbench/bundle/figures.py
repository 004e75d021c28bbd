"""Figures of the report: SVG with real text, and beside each the numbers that were drawn.

In the light palette of the design tokens, all of it vector: every exchange is counted in the map.
Nothing here reads a case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.bundle.canvas import INK, QUIET, SMALL, Canvas
from workbench.bundle.shading import paints
from workbench.bundle.ticks import count_ticks, time_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from workbench.bundle.content import BundleContent
    from workbench.bundle.subject import CoverageCurve, MapPicture, Subject, Timeline

#: Cluster colours by rank, and the neutral one (index -1): light palette of the design tokens.
CATEGORIES: Final = ("#B87400", "#0D8AE6", "#C71F7C", "#575200", "#0E5B4E", "#2D1B70", "#5A6877")
#: A part of the map with this share of its area is the map.
_MOST_OF_IT: Final = 0.6
_BAR: Final = "#8290A0"
_ACTION: Final = "#0A5FC4"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure.

    Attributes:
        name: File name without ending ("02-C-014-timeline").
        kind: "map", "timeline", "coverage" or "place".
        subject: Id of the subject; empty for the whole map.
        svg: The picture.
        numbers: What was drawn.
        alt: What it shows, for those who cannot see it.
    """

    name: str
    kind: str
    subject: str
    svg: str
    numbers: pa.Table
    alt: str


def draw_all(content: BundleContent) -> Iterator[Drawn]:
    """Every figure of the report, in the order of its numbers."""
    number = 0
    colours = {subject.id: CATEGORIES[subject.category] for subject in content.subjects}
    if content.overview is not None:
        number += 1
        counted = f"{int(content.overview.counts.sum()):,}"
        yield Drawn(
            f"{number:02d}-map",
            "map",
            "",
            draw_map(content.overview, colours, width_mm=88, height_mm=56),
            map_numbers(content.overview),
            f"Map of all {counted} exchanges; marked: {', '.join(content.overview.subjects)}.",
        )
    for subject in content.subjects:
        if len(content.subjects) == 1 and _all_over(subject.place, content.overview):
            subject = replace(subject, place=None)
        for kind, svg, numbers, alt in _of_subject(subject, colours):
            number += 1
            name = f"{number:02d}-{subject.id}-{kind}"
            yield Drawn(name, kind, subject.id, svg, numbers, alt)


def _all_over(place: MapPicture | None, overview: MapPicture | None) -> bool:
    """Whether a subject's part of the map is most of the map: drawn again, it shows no more."""
    if place is None or overview is None:
        return False
    x0, y0, x1, y1 = place.bounds
    left, low, right, high = overview.bounds
    across = min(x1, right) - max(x0, left)
    up = min(y1, high) - max(y0, low)
    return across * up >= _MOST_OF_IT * (right - left) * (high - low)


def _of_subject(
    subject: Subject, colours: dict[str, str]
) -> Iterator[tuple[str, str, pa.Table, str]]:
    colour = colours[subject.id]
    if subject.timeline is not None:
        line = subject.timeline
        alt = (
            f"Exchanges {line.per} of {subject.id}: {int(line.subject.sum()):,} in all, "
            f"{int(line.subject.max(initial=0)):,} where it sent most."
            + "".join(f" {words}." for _, words in line.events)
        )
        yield "timeline", draw_timeline(line, colour), timeline_numbers(line), alt
    if subject.coverage is not None:
        curve = subject.coverage
        alt = (
            f"{subject.id} asked {int(curve.subject[-1]):,} different prompts among "
            f"{int(curve.sent[-1]):,}; comparison groups {curve.low[-1]:,.0f} to "
            f"{curve.high[-1]:,.0f}."
        )
        yield (
            "coverage",
            draw_coverage(curve, subject.id, colour),
            coverage_numbers(curve),
            alt,
        )
    if subject.place is not None:
        alt = f"{subject.id} on the map, with all other traffic in grey."
        svg = draw_map(subject.place, {subject.id: colour}, width_mm=80, height_mm=45, tags=False)
        yield "place", svg, map_numbers(subject.place), alt


# --- the pictures ----------------------------------------------------------------------------
def draw_map(
    picture: MapPicture,
    colours: dict[str, str],
    *,
    width_mm: float,
    height_mm: float,
    tags: bool = True,
) -> str:
    """The map as SVG: all traffic in grey, subjects in their colours, their ids beside them."""
    with Canvas(width_mm, height_mm) as canvas:
        axes = canvas.figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        height, width = picture.counts.shape
        layers = [
            (counts, colours.get(name, CATEGORIES[-1])) for name, counts in picture.subjects.items()
        ]
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        if tags:
            _tag_subjects(canvas, axes, picture, colours)
        return canvas.svg(paints(picture.counts, layers))


def _tag_subjects(canvas: Canvas, axes: Axes, picture: MapPicture, colours: dict[str, str]) -> None:
    """Write each subject's id above its densest place; a taken place moves the tag further up."""
    height, width = picture.counts.shape
    taken: list[tuple[float, float]] = []
    near_x, near_y = 0.11 * width, 0.07 * height
    for name, counts in picture.subjects.items():
        if not counts.any():
            continue
        x, y = _densest(counts)
        up = 0.11 * height
        step = -1.0 if y - up > 0.08 * height else 1.0
        place = y + step * up
        while any(abs(x - tx) < near_x and abs(place - ty) < near_y for tx, ty in taken):
            place += step * near_y
        place = float(np.clip(place, 0.04 * height, 0.96 * height))
        x_text = float(np.clip(x, 0.06 * width, 0.94 * width))
        taken.append((x_text, place))
        colour = colours.get(name, CATEGORIES[-1])
        axes.plot([x, x_text], [y, place], color=colour, linewidth=0.7, solid_capstyle="round")
        axes.text(
            x_text,
            place,
            _ascii(name),
            ha="center",
            va="center",
            color=INK,
            fontproperties=canvas.font(7.0, 600),
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": "white",
                "edgecolor": colour,
                "linewidth": 0.8,
            },
        )


def _densest(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Middle (column, row) of what lies in the fullest of 12 x 12 parts of the grid."""
    height, width = counts.shape
    rows, columns = np.nonzero(counts)
    weights = counts[rows, columns].astype(np.float64)
    part = rows * 12 // height * 12 + columns * 12 // width
    inside = part == int(np.argmax(np.bincount(part, weights=weights)))
    x = np.average(columns[inside], weights=weights[inside]) + 0.5
    y = np.average(rows[inside], weights=weights[inside]) + 0.5
    return float(x), float(y)


def draw_timeline(line: Timeline, colour: str) -> str:
    """Bars in time: other accounts of the same region below, the subject stacked on top."""
    with Canvas(172, 31 if line.events else 28) as canvas:
        axes = canvas.plain_axes(left=11, right=1, bottom=5.5, top=4.5 if line.events else 1.5)
        edges = line.edges_us.astype(np.float64)
        bars = _bars(edges, share=0.88 if line.subject.size < 200 else 1.0)
        total = line.other + line.subject
        axes.stairs(_spaced(line.other), bars, fill=True, color=_BAR, linewidth=0)
        axes.stairs(
            _spaced(total), bars, baseline=_spaced(line.other), fill=True, color=colour, linewidth=0
        )
        axes.set_xlim(edges[0], edges[-1])
        canvas.count_axis(axes, float(total.max(initial=1)))
        _mark_events(canvas, axes, line)
        ticks, labels = time_ticks(int(edges[0]), int(edges[-1]))
        canvas.label_ticks(axes, ticks, labels)
        return canvas.svg()


def _mark_events(canvas: Canvas, axes: Axes, line: Timeline) -> None:
    """A dashed line at each event, its words above it where they find room."""
    first, last = float(line.edges_us[0]), float(line.edges_us[-1])
    free_from = first
    for at_us, words in line.events:
        axes.axvline(at_us, color=_ACTION, linewidth=0.8, dashes=(2, 1.5), clip_on=False)
        near_end = (at_us - first) / (last - first) > 0.88
        if at_us < free_from and not near_end:
            continue
        axes.annotate(
            _ascii(words),
            (at_us, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if near_end else 3, 2),
            textcoords="offset points",
            ha="right" if near_end else "left",
            va="bottom",
            color=_ACTION,
            fontproperties=canvas.font(7.0, 600),
        )
        free_from = at_us + 0.13 * (last - first)


def draw_coverage(curve: CoverageCurve, name: str, colour: str) -> str:
    """Different prompts by prompts sent, over the band of the comparison groups."""
    with Canvas(86, 38) as canvas:
        axes = canvas.plain_axes(left=11, right=2.5, bottom=5.5, top=4.5)
        sent = curve.sent.astype(np.float64)
        axes.fill_between(sent, curve.low, curve.high, color=_BAR, alpha=0.26, linewidth=0)
        axes.plot(sent, curve.median, color=QUIET, linewidth=0.9, dashes=(3, 2))
        axes.plot(sent, curve.subject, color=colour, linewidth=1.8, solid_capstyle="round")
        most = float(max(curve.subject.max(initial=1), curve.high.max(initial=1)))
        axes.set_xlim(0, sent[-1])
        canvas.count_axis(axes, most)
        ticks, labels = count_ticks(float(sent[-1]), most=3)
        canvas.label_ticks(axes, ticks, labels)
        below = bool(curve.subject[-1] < curve.low[-1])
        axes.annotate(
            f"{_ascii(name)}: {int(curve.subject[-1]):,}",
            (sent[-1], float(curve.subject[-1])),
            xytext=(0, -4 if below else 4),
            textcoords="offset points",
            ha="right",
            va="top" if below else "bottom",
            color=INK,
            fontproperties=canvas.font(SMALL, 600),
            bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "linewidth": 0, "alpha": 0.8},
        )
        # Curves rise from the lower left to the upper right: the other two corners are free.
        axes.annotate(
            f"others, 5 to 95 %: {curve.low[-1]:,.0f} to {curve.high[-1]:,.0f}",
            (0.02, 0.98) if below else (1.0, 0.0),
            xycoords="axes fraction",
            xytext=(0, 0 if below else 4),
            textcoords="offset points",
            ha="left" if below else "right",
            va="top" if below else "bottom",
            color=QUIET,
            fontproperties=canvas.font(SMALL, 400),
        )
        return canvas.svg()


def _bars(edges: NDArray[np.float64], *, share: float) -> NDArray[np.float64]:
    """Edges of bars and of the gaps between them: the bar takes ``share`` of its bin."""
    ends = edges[:-1] + np.diff(edges) * share
    return np.append(np.column_stack([edges[:-1], ends]).ravel(), edges[-1])


def _spaced(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Heights with a gap of height 0 after each bar."""
    return np.column_stack([counts, np.zeros_like(counts)]).ravel().astype(np.float64)


# --- the numbers -----------------------------------------------------------------------------
def map_numbers(picture: MapPicture) -> pa.Table:
    """Grid cells that hold exchanges: column and row from the top left, all, and each subject."""
    rows, columns = np.nonzero(picture.counts)
    values: dict[str, NDArray[Any]] = {
        "column": columns.astype(np.int64),
        "row": rows.astype(np.int64),
        "exchanges": picture.counts[rows, columns],
    }
    values |= {name: counts[rows, columns] for name, counts in picture.subjects.items()}
    return pa.table({name: pa.array(value) for name, value in values.items()})


def timeline_numbers(line: Timeline) -> pa.Table:
    """One row a bin: when it begins (UTC), the subject's exchanges, the others'."""
    return pa.table(
        {
            "begins": pa.array(line.edges_us[:-1], pa.timestamp("us")),
            "subject": pa.array(line.subject),
            "other": pa.array(line.other),
        }
    )


def coverage_numbers(curve: CoverageCurve) -> pa.Table:
    """One row a point of the curve."""
    return pa.table(
        {
            "sent": pa.array(curve.sent),
            "subject": pa.array(curve.subject),
            "others_5": pa.array(curve.low),
            "others_50": pa.array(curve.median),
            "others_95": pa.array(curve.high),
        }
    )


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
