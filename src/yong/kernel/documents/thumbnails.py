"""The process that makes one small picture: a request on standard input, a JPEG on standard output."""

import io
import sys

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents import apart, decoding

_BROKEN = Text("图片无法解码", "The picture cannot be decoded")
_QUALITY = 80


class Work(msgspec.Struct):
    """A picture and the pixels of the longer side that it shall have."""

    file: str
    size: int


def main() -> None:
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    import PIL.Image  # noqa: F401  # before the limits

    apart.limited()
    try:
        out = small(work.file, work.size)
    except decoding.BROKEN:
        apart.refuse(_BROKEN)
    sys.stdout.buffer.write(out)


def small(file: str, size: int) -> bytes:
    """The picture turned as it is to be looked at, at most so large, on white, without anything that it tells of itself."""
    ground, _ = decoding.shown(file, size)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
