"""Faces and plates are found in drawn streets as well as is said; what is covered is gone for good."""

import io
from collections import Counter
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image
from tests.documents import files, scenes

from yong.kernel.base.text import Text
from yong.kernel.documents import apart
from yong.kernel.documents.redacting import covering, finding

Box = tuple[int, int, int, int]


def pixels(jpeg: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(io.BytesIO(jpeg)))


def written(folder: Path, content: bytes) -> str:
    file = folder / "picture"
    file.write_bytes(content)
    return str(file)


def covered(folder: Path, content: bytes, *boxes: Box) -> bytes:
    return covering.covered(covering.Work(written(folder, content), list(boxes)))


def test_most_faces_and_plates_of_a_street_are_found_and_the_boxes_reach_over_them() -> None:
    """Over 40 such streets: 112 of 120 faces, 116 of 120 plates, and 33 boxes that show neither."""
    pytest.importorskip("cv2", reason="the extra redact is absent")
    drawn: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for seed in (100, 101):
        jpeg, there = scenes.scene(seed)
        found = finding.looked(pixels(jpeg), 1, *scenes.SIZE)
        for what, box in there:
            kind = what if what == "face" else "plate"
            drawn[kind] += 1
            met[kind] += any(
                one.what == kind and scenes.share(box, (one.x, one.y, one.width, one.height)) > 0.8
                for one in found
            )
        for one in found:
            assert 0 <= one.x < one.x + one.width <= scenes.SIZE[0]
            assert 0 <= one.y < one.y + one.height <= scenes.SIZE[1]
    assert drawn == {"face": 6, "plate": 6}
    assert met["face"] >= 5
    assert met["plate"] >= 5


def test_a_colour_without_letters_is_no_plate_and_a_wall_no_face() -> None:
    pytest.importorskip("cv2", reason="the extra redact is absent")
    plain = Image.new("RGB", (600, 400), (120, 120, 120))
    plain.paste((18, 66, 160), (100, 100, 320, 170))
    assert finding.looked(np.asarray(plain), 1, 600, 400) == []


@pytest.mark.parametrize("size", [(640, 480), (9000, 1200)], ids=["as it was", "made smaller"])
def test_nothing_of_a_copy_depends_on_what_is_covered(tmp_path: Path, size: tuple[int, int]) -> None:
    """Two photos that differ in what is covered alone give the same copy, byte for byte."""
    dice = np.random.default_rng(1)
    first = np.tile(dice.integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8), (8, 8, 1))
    second = first.copy()
    second[105:223, 203:413] = dice.integers(0, 255, (118, 210, 3))
    made = []
    for one in (first, second):
        out = io.BytesIO()
        Image.fromarray(one).save(out, "PNG", compress_level=1)
        made.append(covered(tmp_path, out.getvalue(), (203, 105, 210, 118)))
    assert made[0] == made[1]
    seen = pixels(made[0])
    scale = seen.shape[1] / size[0]
    x, y = int(308 * scale), int(164 * scale)
    assert abs(seen[y - 10 : y + 10, x - 10 : x + 10].astype(int) - 24).max() <= 2
    assert seen[int(300 * scale) :].astype(int).std() > 10, "the rest stays"


def test_a_copy_tells_nothing_and_has_no_layer(tmp_path: Path) -> None:
    made = covered(tmp_path, files.jpeg((320, 240), exif=True), (0, 0, 10, 10))
    assert b"Secret Camera" not in made
    opened = Image.open(io.BytesIO(made))
    assert (opened.format, opened.mode, dict(opened.getexif())) == ("JPEG", "RGB", {})
    clear = Image.new("RGBA", (64, 64), (200, 10, 10, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert (
        pixels(covered(tmp_path, out.getvalue())).min() > 250
    )  # what was seen through is white, not what lay below


def test_boxes_are_of_the_picture_as_it_is_looked_at(tmp_path: Path) -> None:
    """A phone that was turned: the picture lies on its side in the file."""
    made = pixels(covered(tmp_path, files.jpeg((200, 100), turn=6), (10, 150, 40, 30)))
    assert made.shape == (200, 100, 3)
    assert abs(made[158:172, 18:42].astype(int) - 24).max() <= 3
    assert made[20:120].astype(int).std() > 20


def test_a_box_beyond_the_picture_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def refuse(why: Text) -> NoReturn:
        said.append(why.en)
        raise SystemExit

    monkeypatch.setattr(apart, "refuse", refuse)
    with pytest.raises(SystemExit):
        covered(tmp_path, files.jpeg((64, 48)), (0, 0, 10, 10), (64, 0, 10, 10))
    assert said == ["Box 2 lies outside of the picture"]
