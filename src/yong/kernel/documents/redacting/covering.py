"""The process that covers parts of one picture: a request on standard input, a JPEG on standard output."""

import io
import math
import sys

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents import apart, decoding

MOST_SIDE = 4096  # pixels of the longer side of a copy
_BROKEN = Text("图片无法解码", "The picture cannot be decoded")
_OUTSIDE = Text("第 {n} 个框不在图片内", "Box {n} lies outside of the picture")
_COLOUR = (24, 24, 24)  # one for all: a blur or a mosaic can be undone
_QUALITY = 88
_SPARE = 3  # pixels around a box that know what lay in it, where the picture was made smaller


class Work(msgspec.Struct):
    """A picture, and what is covered of it: x, y, width and height in pixels of the whole picture, turned."""

    file: str
    boxes: list[tuple[int, int, int, int]]


def main() -> None:
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    import PIL.Image
    import PIL.ImageDraw  # noqa: F401  # before the limits

    apart.limited()
    try:
        out = covered(work)
    except decoding.BROKEN:
        apart.refuse(_BROKEN)
    sys.stdout.buffer.write(out)


def covered(work: Work) -> bytes:
    """The picture turned, flattened, at most so large, without anything that it tells of itself; the boxes in one colour."""
    from PIL import ImageDraw

    picture, (width, height) = decoding.shown(work.file, MOST_SIDE)
    across, down = picture.width / width, picture.height / height
    spare = 0 if picture.width == width else _SPARE
    pen = ImageDraw.Draw(picture)
    for n, (x, y, w, h) in enumerate(work.boxes, 1):
        if x >= width or y >= height or x + w <= 0 or y + h <= 0:
            apart.refuse(_OUTSIDE.filled(n=n))
        left, top = math.floor(x * across) - spare, math.floor(y * down) - spare
        right, bottom = math.ceil((x + w) * across) - 1 + spare, math.ceil((y + h) * down) - 1 + spare
        pen.rectangle((left, top, max(left, right), max(top, bottom)), fill=_COLOUR)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
