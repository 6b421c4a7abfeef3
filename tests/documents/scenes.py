"""Streets drawn here, with faces and number plates in known places: seen at an angle, blurred, with noise."""

import io
import random
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = 1600, 1200
PLATES = {
    "blue": ((18, 66, 160), (255, 255, 255), 440, 5),
    "yellow": ((236, 178, 32), (10, 10, 10), 440, 5),
    "green": ((86, 190, 120), (10, 10, 10), 480, 6),
}  # ground, ink, millimetres of its length, how many characters follow the city's letter
_SKINS = [(224, 188, 160), (198, 150, 118), (141, 98, 72), (240, 208, 184)]
_SIGNS = [(30, 90, 200), (240, 190, 40), (60, 170, 90)]  # of the colours of plates, without letters
_HAIR, _BROW, _WHITE, _PUPIL, _LIPS, _MOUTH = (
    (40, 30, 25), (50, 35, 30), (245, 245, 245), (35, 25, 20), (150, 70, 70), (90, 40, 40),
)  # fmt: skip


class Drawn(NamedTuple):
    """What was drawn where: x, y, width and height."""

    what: str
    box: tuple[int, int, int, int]


def face(width: int, dice: random.Random) -> Image.Image:
    w, h = 4 * width, 5 * width
    skin = dice.choice(_SKINS)
    picture = Image.new("RGBA", (w, h))
    pen = ImageDraw.Draw(picture)

    def shade(by: float) -> tuple[int, ...]:
        return tuple(min(255, int(c * by)) for c in skin)

    def oval(left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        pen.ellipse((w * left, h * top, w * right, h * bottom), fill=colour)

    oval(0, 0, 1, 1, skin)
    pen.pieslice((0, -h * 0.05, w - 1, h * 0.62), 180, 360, fill=_HAIR)
    oval(0.06, 0.14, 0.94, 0.98, skin)
    for x in (0.3, 0.7):
        oval(x - 0.14, 0.36, x + 0.14, 0.52, shade(0.8))
        pen.rectangle((w * (x - 0.12), h * 0.345, w * (x + 0.12), h * 0.375), fill=_BROW)
        oval(x - 0.085, 0.41, x + 0.085, 0.475, _WHITE)
        oval(x - 0.04, 0.41, x + 0.04, 0.475, _PUPIL)
    pen.polygon([(w * 0.5, h * 0.42), (w * 0.42, h * 0.63), (w * 0.58, h * 0.63)], fill=shade(1.06))
    pen.line([(w * 0.42, h * 0.63), (w * 0.58, h * 0.63)], fill=shade(0.55), width=w // 40)
    oval(0.34, 0.72, 0.66, 0.8, _LIPS)
    pen.line([(w * 0.34, h * 0.76), (w * 0.66, h * 0.76)], fill=_MOUTH, width=w // 50)
    return picture.filter(ImageFilter.GaussianBlur(w / 60)).resize(
        (width, width * 5 // 4), Image.Resampling.LANCZOS
    )


def plate(kind: str, width: int, dice: random.Random) -> Image.Image:
    ground, ink, length, more = PLATES[kind]
    w, h = 2 * length, 280
    picture = Image.new("RGBA", (w, h), ground)
    pen = ImageDraw.Draw(picture)
    if kind == "green":  # white above, green below
        for y in range(h):
            t = y / h
            pen.line([(0, y), (w, y)], fill=(int(225 - 145 * t), int(240 - 50 * t), int(225 - 110 * t)))
    pen.rounded_rectangle((6, 6, w - 7, h - 7), 16, outline=ink, width=6)
    for n in range(5):  # strokes in the place of the province's character
        pen.rectangle((30, 55 + n * 36, 130, 67 + n * 36), fill=ink)
    pen.rectangle((74, 50, 86, 230), fill=ink)
    said = f"{dice.choice('ABCE')}·{''.join(dice.choices('0123456789ABCDEFGHJKLMNPQRSTUVWXYZ', k=more))}"
    font = ImageFont.load_default(190)
    letters = Image.new("L", (int(pen.textlength(said, font)) + 4, h))
    ImageDraw.Draw(letters).text((0, h // 2), said, 255, font, anchor="lm")
    letters = letters.resize((w - 190, h))
    picture.paste(Image.new("RGBA", letters.size, ink), (160, 0), letters)
    return picture.resize((width, width * h // w), Image.Resampling.LANCZOS)


def seen(picture: Image.Image, angle: float, lean: float) -> Image.Image:
    """Turned by degrees, and with its left edge farther away."""
    w, h = picture.size
    wide = Image.new("RGBA", (w * 3 // 2, h + w // 2))
    wide.paste(picture, (w // 4, w // 4))
    w, h = wide.size
    far = [(0, h * lean), (w, 0), (w, h), (0, h * (1 - lean))]
    rows, values = [], []
    for (u, v), (x, y) in zip([(0, 0), (w, 0), (w, h), (0, h)], far, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    how = np.linalg.solve(np.array(rows, float), np.array(values, float))
    bent = wide.transform(wide.size, Image.Transform.PERSPECTIVE, tuple(how), Image.Resampling.BICUBIC)
    turned = bent.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    return turned.crop(turned.getbbox())


def street(dice: random.Random) -> Image.Image:
    w, h = SIZE
    picture = Image.new("RGB", SIZE, (105, 105, 108))
    pen = ImageDraw.Draw(picture)
    for y in range(h // 2):
        t = 2 * y / h
        pen.line([(0, y), (w, y)], fill=(int(120 + 80 * t), int(150 + 60 * t), int(190 + 40 * t)))
    for _ in range(12):
        left, wide, top = dice.randrange(w), dice.randrange(60, 260), dice.randrange(h // 8, h // 2)
        wall = tuple(dice.randrange(60, 220) for _ in range(3))
        pen.rectangle((left, top, left + wide, h // 2 + 20), fill=wall)
        for y in range(top + 10, h // 2, 34):
            for x in range(left + 8, left + wide - 16, 28):
                pen.rectangle((x, y, x + 14, y + 20), fill=tuple(c // 2 for c in wall))
    for _ in range(3):
        x, y = dice.randrange(w), dice.randrange(h // 2, h - 80)
        paint = dice.choice([(200, 30, 30), (240, 240, 240), (20, 60, 150), (40, 40, 40)])
        pen.rounded_rectangle((x, y, x + 300, y + 110), 30, fill=paint)
        pen.rectangle((x + 60, y + 10, x + 240, y + 50), fill=(60, 80, 90))
    for _ in range(4):
        x, y = dice.randrange(w), dice.randrange(h // 3, h)
        pen.rectangle(
            (x, y, x + dice.randrange(40, 160), y + dice.randrange(20, 60)), fill=dice.choice(_SIGNS)
        )
    return picture


def _things(dice: random.Random) -> Iterator[tuple[str, Image.Image]]:
    for _ in range(3):
        yield "face", seen(face(dice.randrange(50, 160), dice), dice.uniform(-12, 12), dice.uniform(0, 0.08))
    for kind in PLATES:
        drawn = plate(kind, dice.randrange(90, 240), dice)
        yield kind, seen(drawn, dice.uniform(-10, 10), dice.uniform(0, 0.12))


def scene(seed: int) -> tuple[bytes, list[Drawn]]:
    """A street as a JPEG of a phone: three faces and a plate of each colour, blurred and with noise; and where they are."""
    dice = random.Random(seed)
    picture, there = street(dice), []
    for what, thing in _things(dice):
        for _ in range(200):
            x, y = (
                dice.randrange(20, SIZE[0] - 20 - thing.width),
                dice.randrange(300, SIZE[1] - 20 - thing.height),
            )
            if all(
                x + thing.width < a or a + c < x or y + thing.height < b or b + d < y
                for _, (a, b, c, d) in there
            ):
                break
        else:
            raise AssertionError("no room")
        picture.paste(thing, (x, y), thing)
        there.append(Drawn(what, (x, y, thing.width, thing.height)))
    soft = picture.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1.4)))
    grain = np.random.default_rng(seed).normal(0, dice.uniform(4, 16), (SIZE[1], SIZE[0], 1))
    out = io.BytesIO()
    Image.fromarray((np.asarray(soft) + grain).clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=82)
    return out.getvalue(), there


def portrait() -> tuple[bytes, Drawn]:
    """One face before a wall, as a small JPEG; and where it is."""
    picture, drawn = Image.new("RGB", (640, 480), (150, 160, 170)), face(160, random.Random(3))
    picture.paste(drawn, (60, 120), drawn)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue(), Drawn("face", (60, 120, *drawn.size))


def share(of: tuple[int, int, int, int], box: tuple[int, int, int, int]) -> float:
    """How much of a rectangle lies within a box."""
    (x, y, w, h), (a, b, c, d) = of, box
    across, down = min(x + w, a + c) - max(x, a), min(y + h, b + d) - max(y, b)
    return max(0, across) * max(0, down) / (w * h)
