"""A picture decoded as it is to be looked at, no larger than wanted. Only in a process of its own (`apart`)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

# What the decoders raise for what cannot be decoded.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, MemoryError, ArithmeticError, IndexError)
_ORIENTATION, _SIDEWAYS = 0x0112, range(5, 9)


def shown(file: str, most: int) -> "tuple[Image.Image, tuple[int, int]]":
    """The picture turned as it is to be looked at, on white, at most `most` pixels on the longer side; with the width and
    height that it has at its full size, turned.
    """
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the size was checked when it was kept
    with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as opened:
        width, height = opened.size
        if opened.getexif().get(_ORIENTATION) in _SIDEWAYS:
            width, height = height, width
        opened.draft("RGB", (most, most))  # a JPEG is read at no more than it takes
        turned = ImageOps.exif_transpose(opened)
        turned.thumbnail((most, most))
        clear = turned.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear)
    return ground, (width, height)
