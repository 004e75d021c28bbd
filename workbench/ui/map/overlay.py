"""Names on the map: region labels and cluster tags, placed so that nothing collides.

Placing is arithmetic on boxes (no painting); a name that finds room is drawn once into a picture,
so that a frame only copies it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workbench.ui.map.camera import Camera
    from workbench.ui.theme import Theme

_HALO: Final = 4.0
_AIR: Final = 4.0
#: Where a tag may stand: pixels beyond its cluster, and directions tried in turn.
_DISTANCES: Final = (28.0, 60.0, 100.0)
#: A region's name may give way by so many pixels down or up before it is dropped.
_NUDGES: Final = (0.0, -24.0, 24.0, -44.0, 44.0)
#: A cluster larger than this on screen keeps its tag inside.
_LARGEST: Final = 220.0
_DIRECTIONS: Final = tuple(
    math.radians(a) for a in (-35, 35, -145, 145, -75, 75, 0, 180, -110, 110)
)


@dataclass(frozen=True, slots=True)
class Place:
    """A name on the map.

    Attributes:
        text: What it says.
        x: Where, data units.
        y: Where, data units.
        count: Exchanges there, for a region's second line and for who gives way.
        colour: Token of a tag's colour ("cat1", "red"); not used for a region.
        radius: Data units around the place that a tag should stay out of.
    """

    text: str
    x: float
    y: float
    count: int = 0
    colour: str = "t1"
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name that found room.

    Attributes:
        place: Which.
        box: Its box in pixels.
        anchor: The place itself in pixels.
        picture: What is drawn into the box.
        tag: Whether it is a tag with a leader line.
    """

    place: Place
    box: QRectF
    anchor: QPointF
    picture: QPixmap
    tag: bool


class Overlay:
    """Names of one map.

    Args:
        theme: The look.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._regions: tuple[Place, ...] = ()
        self._tags: tuple[Place, ...] = ()
        self._pictures: dict[tuple[Place, bool, float], QPixmap] = {}
        self._sizes: dict[tuple[Place, bool, float], QSizeF] = {}
        self._choice: dict[str, tuple[float, float]] = {}

    def set_regions(self, regions: Sequence[Place]) -> None:
        """Names of regions; the fuller one stays where two collide."""
        self._regions = tuple(sorted(regions, key=lambda place: (-place.count, place.text)))
        self.refresh()

    def set_tags(self, tags: Sequence[Place]) -> None:
        """Tags of clusters, in order of rank."""
        self._tags = tuple(tags)
        self.refresh()

    def refresh(self) -> None:
        """Another theme or text scale: measure and draw all names anew."""
        self._pictures.clear()
        self._sizes.clear()

    def placed(self, camera: Camera, cards: Iterable[QRectF], ratio: float) -> list[PlacedName]:
        """Names that find room: tags first, then regions, the fuller first.

        Args:
            camera: The view.
            cards: Boxes of floating cards, in pixels: nothing lies under one.
            ratio: Device pixels for a logical one.
        """
        view = QRectF(0, 0, camera.width, camera.height)
        taken = [card.adjusted(-_AIR, -_AIR, _AIR, _AIR) for card in cards]
        found: list[PlacedName] = []
        for place in self._tags:
            tag = self._placed_tag(place, camera, view, taken, ratio)
            if tag is not None:
                found.append(tag)
                taken.append(tag.box.adjusted(-_AIR, -_AIR, _AIR, _AIR))
                taken.append(QRectF(tag.anchor.x() - 6, tag.anchor.y() - 6, 12, 12))
        for place in self._regions:
            anchor = QPointF(*camera.to_screen(place.x, place.y))
            if not view.contains(anchor):
                continue
            size = self._size(place, tag=False, ratio=ratio)
            for nudge in _NUDGES:
                box = _box_around(anchor + QPointF(0, nudge), size)
                if view.contains(box) and not any(box.intersects(other) for other in taken):
                    picture = self._picture(place, tag=False, ratio=ratio)
                    found.append(PlacedName(place, box, anchor, picture, tag=False))
                    taken.append(box)
                    break
        return found

    def draw(self, painter: QPainter, placed: Iterable[PlacedName]) -> None:
        """Draw names: leader lines below all boxes."""
        names = list(placed)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name in names:
            if name.tag:
                colour = self._theme.colour(name.place.colour)
                end = _edge_towards(name.box, name.anchor)
                painter.setPen(QPen(self._theme.colour("map", 0.92), 4))
                painter.drawLine(name.anchor, end)
                painter.setPen(QPen(colour, 1.5))
                painter.drawLine(name.anchor, end)
                painter.setPen(QPen(self._theme.colour("map", 0.92), 1.5))
                painter.setBrush(colour)
                painter.drawEllipse(name.anchor, 4, 4)
        for name in names:
            painter.drawPixmap(name.box.topLeft(), name.picture)

    def _placed_tag(
        self, place: Place, camera: Camera, view: QRectF, taken: Sequence[QRectF], ratio: float
    ) -> PlacedName | None:
        anchor = QPointF(*camera.to_screen(place.x, place.y))
        if not view.contains(anchor):
            return None
        size = self._size(place, tag=True, ratio=ratio)
        candidates = [(d, a) for d in _DISTANCES for a in _DIRECTIONS]
        # The direction it had is tried first: a tag does not jump while the map moves.
        before = self._choice.get(place.text)
        if before is not None:
            candidates.insert(0, before)
        inner = view.adjusted(8, 8, -8, -8)
        spread = place.radius * camera.scale
        spread = spread if spread <= _LARGEST else 40.0
        for beyond, angle in candidates:
            distance = beyond + spread
            middle = anchor + QPointF(
                math.cos(angle) * (distance + size.width() / 3), math.sin(angle) * distance
            )
            box = _box_around(middle, size)
            if inner.contains(box) and not any(box.intersects(other) for other in taken):
                self._choice[place.text] = (beyond, angle)
                picture = self._picture(place, tag=True, ratio=ratio)
                return PlacedName(place, box, anchor, picture, tag=True)
        return None

    def _size(self, place: Place, *, tag: bool, ratio: float) -> QSizeF:
        """Of the picture, in logical pixels."""
        key = (place, tag, ratio)
        known = self._sizes.get(key)
        if known is None:
            wanted = self._tag_size(place) if tag else self._region_size(place)
            known = self._sizes[key] = QSizeF(_device_size(wanted, ratio)) / ratio
        return known

    def _picture(self, place: Place, *, tag: bool, ratio: float) -> QPixmap:
        key = (place, tag, ratio)
        made = self._pictures.get(key)
        if made is None:
            drawn = self._drawn_tag if tag else self._drawn_region
            made = self._pictures[key] = drawn(place, ratio)
        return made

    def _region_size(self, place: Place) -> QSizeF:
        theme = self._theme
        name, count = (QFontMetricsF(theme.font(style)) for style in ("second-strong", "axis"))
        width = max(name.horizontalAdvance(place.text), count.horizontalAdvance(f"{place.count:,}"))
        height = name.height() + theme.px(1) + count.height()
        return QSizeF(width + 2 * _HALO, height + 2 * _HALO)

    def _tag_size(self, place: Place) -> QSizeF:
        px = self._theme.px
        text = QFontMetricsF(self._theme.font("second-strong")).horizontalAdvance(place.text)
        return QSizeF(px(7) + px(9) + px(6) + text + px(8), px(22))

    def _drawn_region(self, place: Place, ratio: float) -> QPixmap:
        theme = self._theme
        name_font, count_font = theme.font("second-strong"), theme.font("axis")
        name_metrics, count_metrics = QFontMetricsF(name_font), QFontMetricsF(count_font)
        count = f"{place.count:,}"
        size = self._region_size(place)
        width = size.width() - 2 * _HALO
        gap = theme.px(1)
        picture = _canvas(size, ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = (
            (place.text, name_font, name_metrics, "t1", _HALO + name_metrics.ascent()),
            (
                count, count_font, count_metrics, "t2",
                _HALO + name_metrics.height() + gap + count_metrics.ascent(),
            ),
        )  # fmt: skip
        for text, font, metrics, _, baseline in lines:
            path = QPainterPath()
            left = _HALO + (width - metrics.horizontalAdvance(text)) / 2
            path.addText(QPointF(left, baseline), font, text)
            pen = QPen(theme.colour("map", 0.92), _HALO)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.strokePath(path, pen)
        for text, font, metrics, colour, baseline in lines:
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            left = _HALO + (width - metrics.horizontalAdvance(text)) / 2
            painter.drawText(QPointF(left, baseline), text)
        painter.end()
        return picture

    def _drawn_tag(self, place: Place, ratio: float) -> QPixmap:
        theme = self._theme
        font = theme.font("second-strong")
        px = theme.px
        size = self._tag_size(place)
        width, height = size.width(), size.height()
        picture = _canvas(size, ratio)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(place.colour), 1.2))
        painter.setBrush(theme.colour("bg1"))
        painter.drawRoundedRect(QRectF(0.6, 0.6, math.ceil(width) - 1.2, height - 1.2), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(place.colour))
        painter.drawRoundedRect(QRectF(px(7), (height - px(9)) / 2, px(9), px(9)), 2, 2)
        painter.setPen(theme.colour("t1"))
        painter.setFont(font)
        text = QRectF(px(7) + px(9) + px(6), 0, width, height)
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, place.text)
        painter.end()
        return picture


def _box_around(middle: QPointF, size: QSizeF) -> QRectF:
    left, top = middle.x() - size.width() / 2, middle.y() - size.height() / 2
    return QRectF(round(left), round(top), size.width(), size.height())


def _device_size(size: QSizeF, ratio: float) -> QSize:
    return QSize(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))


def _canvas(size: QSizeF, ratio: float) -> QPixmap:
    picture = QPixmap(_device_size(size, ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture


def _edge_towards(box: QRectF, point: QPointF) -> QPointF:
    """Where the line from a box's middle to a point leaves the box."""
    middle = box.center()
    dx, dy = point.x() - middle.x(), point.y() - middle.y()
    across = abs(dx) / (box.width() / 2)
    down = abs(dy) / (box.height() / 2)
    share = max(across, down)
    if share <= 1:
        return middle
    return QPointF(middle.x() + dx / share, middle.y() + dy / share)
