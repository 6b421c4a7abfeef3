"""The process that looks for faces and number plates in one picture: a request on standard input, boxes on standard output.

Faces by the cascades of Viola and Jones (2001) that OpenCV brings along, plates by their colours, their shape (GA 36: 440 by
140 mm, 480 by 140 mm of new-energy vehicles) and the letters on them. Both miss some: a person looks at what was found.
"""

import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents import apart, decoding

if TYPE_CHECKING:
    import numpy as np

    Pixels: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]

MOST_SIDE = 1600  # pixels of the longer side in which it is looked
MOST_BOXES = 60
WIDER, WIDER_PX = (
    0.15,
    18,
)  # how far a box is widened to each side: of its length, and at least, in pixels of the picture
_BROKEN = Text("图片无法解码", "The picture cannot be decoded")

_FACES = (("haarcascade_frontalface_alt2.xml", 3, False), ("haarcascade_profileface.xml", 4, False),
          ("haarcascade_profileface.xml", 4, True))  # fmt: skip  # how many must agree; whether mirrored
_LEAST_FACE = 24

# Hue (0 to 179), saturation and value of plates: blue, yellow, green; each wide, and narrow for a wall of nearly the same.
_COLOURS = (
    ((95, 70, 40), (135, 255, 255)), ((98, 140, 60), (130, 255, 255)),
    ((12, 80, 70), (36, 255, 255)), ((14, 130, 110), (30, 255, 255)),
    ((36, 28, 60), (92, 255, 255)), ((40, 60, 80), (85, 255, 255)),
)  # fmt: skip
_CLOSED = (1, 5, 13, 25)  # gaps of so many pixels are closed: letters part the ground of a plate
_ASPECT = 1.9, 5.2  # 3.14 and 3.43 seen at an angle
_LEAST_HEIGHT, _MOST_WIDTH = 10, 0.6  # pixels; of the picture
_SOLID, _FILLED = 0.75, 0.55  # of its rectangle: the outline, and the ground
_FLAT = 160, 50  # pixels of a plate laid flat
_CONTRAST, _CHANGES = 25, 6  # grey levels between letters and ground; how often a line meets a stroke's edge

Box = tuple[float, float, float, float]  # x, y, width, height


class Work(msgspec.Struct):
    """A picture."""

    file: str


class Found(msgspec.Struct, frozen=True):
    """Where something is, in pixels of the whole picture, turned."""

    what: str  # face, plate
    x: int
    y: int
    width: int
    height: int


class Answer(msgspec.Struct):
    """The size of the whole picture, turned, and what was found; `searched` is whether anything was looked for."""

    width: int
    height: int
    searched: bool
    found: list[Found]


def main() -> None:
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    import PIL.Image  # noqa: F401  # before the limits

    try:
        import cv2
    except ImportError:  # the extra is absent
        cv2 = None  # type: ignore[assignment]
    else:
        cv2.setNumThreads(1)
    apart.limited()
    try:
        picture, (width, height) = decoding.shown(work.file, MOST_SIDE)
        found = []
        if cv2 is not None:
            import numpy as np

            found = looked(np.asarray(picture), max(width, height) / max(picture.size), width, height)
    except decoding.BROKEN:
        apart.refuse(_BROKEN)
    sys.stdout.buffer.write(msgspec.json.encode(Answer(width, height, cv2 is not None, found)))


def looked(rgb: "Pixels", scale: float, width: int, height: int) -> list[Found]:
    """Faces and plates in a picture that was made smaller by `scale`, as boxes of the picture of that width and height."""
    found = [_widened("face", box, scale, width, height) for box in _apart(faces(rgb))]
    found += [_widened("plate", box, scale, width, height) for box in _apart(plates(rgb))]
    return found[:MOST_BOXES]


def _widened(what: str, box: Box, scale: float, width: int, height: int) -> Found:
    x, y, w, h = (side * scale for side in box)
    by_x, by_y = max(WIDER_PX, w * WIDER), max(WIDER_PX, h * WIDER)
    left, top = max(0, math.floor(x - by_x)), max(0, math.floor(y - by_y))
    right, bottom = min(width, math.ceil(x + w + by_x)), min(height, math.ceil(y + h + by_y))
    return Found(what, left, top, right - left, bottom - top)


def _apart(boxes: Iterable[Box]) -> list[Box]:
    """The boxes without those that lie mostly within a larger one, the largest first."""
    kept: list[Box] = []
    for x, y, w, h in sorted(boxes, key=lambda box: -box[2] * box[3]):
        shared = (
            max(0.0, min(x + w, a + c) - max(x, a)) * max(0.0, min(y + h, b + d) - max(y, b))
            for a, b, c, d in kept
        )
        if all(area <= 0.5 * w * h for area in shared):
            kept.append((x, y, w, h))
    return kept


def faces(rgb: "Pixels") -> Iterator[Box]:
    """Faces seen from the front and from either side."""
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    for file, agree, mirrored in _FACES:
        cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / file))
        seen = cv2.flip(grey, 1) if mirrored else grey
        for x, y, w, h in cascade.detectMultiScale(seen, 1.1, agree, minSize=(_LEAST_FACE, _LEAST_FACE)):
            yield (rgb.shape[1] - x - w if mirrored else x), y, w, h


def plates(rgb: "Pixels") -> Iterator[Box]:
    """What has the colour and the shape of a plate, and letters on it."""
    import cv2

    grey: Any = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    colours = cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), 1.2), cv2.COLOR_RGB2HSV)
    for low, high in _COLOURS:
        ground = cv2.inRange(colours, low, high)
        for gap in _CLOSED:
            piece = cv2.getStructuringElement(cv2.MORPH_RECT, (gap, max(3, gap // 2)))
            closed = cv2.morphologyEx(ground, cv2.MORPH_CLOSE, piece) if gap > 1 else ground
            for outline in cv2.findContours(closed, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
                if (corners := _corners(outline, rgb.shape[1])) is not None and _lettered(grey, corners):
                    x, y, w, h = cv2.boundingRect(outline)
                    yield x, y, w, h


def _corners(outline: Any, width: int) -> Any:
    """The corners of the rectangle about an outline, from its upper left on; None where it is not like a plate's."""
    import cv2
    import numpy as np

    hull = cv2.convexHull(outline)
    rectangle = cv2.minAreaRect(hull)
    short, long = sorted(rectangle[1])
    if short < _LEAST_HEIGHT or long > width * _MOST_WIDTH or not _ASPECT[0] <= long / short <= _ASPECT[1]:
        return None
    area = long * short
    if cv2.contourArea(hull) < _SOLID * area or cv2.contourArea(outline) < _FILLED * area:
        return None
    _, _, across, down = cv2.boundingRect(hull)
    if across < down:  # it stands on its side
        return None
    points = cv2.boxPoints(rectangle)
    points = points[np.argsort(points[:, 0])]
    left, right = points[:2][np.argsort(points[:2, 1])], points[2:][np.argsort(points[2:, 1])]
    return np.array((left[0], right[0], right[1], left[1]), np.float32)


def _lettered(grey: "Pixels", corners: Any) -> bool:
    """Whether lines through the middle of it, laid flat, meet strokes as those of letters are."""
    import cv2
    import numpy as np

    w, h = _FLAT
    flat = np.array(((0, 0), (w, 0), (w, h), (0, h)), np.float32)
    laid = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(corners, flat), _FLAT, flags=cv2.INTER_AREA)
    middle = cv2.GaussianBlur(laid[12:38, 10:150], (3, 3), 0)
    _, inked = cv2.threshold(middle, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light, dark = middle[inked == 1], middle[inked == 0]
    if not light.size or not dark.size or light.mean() - dark.mean() < _CONTRAST:
        return False
    return bool(np.median(np.abs(np.diff(inked.astype(int), axis=1)).sum(1)) >= _CHANGES)


if __name__ == "__main__":
    main()
