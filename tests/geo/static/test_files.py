"""Files of features: what is taken, what is refused and why, and where positions come to lie."""

import json
from pathlib import Path
from typing import Any

import pytest

from yong.kernel.base.errors import Invalid, Malformed, TooLarge
from yong.kernel.geo import datums
from yong.kernel.geo.static import files
from yong.kernel.geo.static.contracts import FileFormat, Prepared

SQUARE = {"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.6, 29.8], [121.6, 29.9], [121.5, 29.8]]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(*position: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(position)}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def prepared(
    folder: Path, payload: bytes, format: FileFormat = FileFormat.GEOJSON, datum: str = "WGS84"
) -> tuple[Prepared, list[Any]]:
    source, target = folder / "in", folder / "out"
    source.write_bytes(payload)
    found = files.prepare(source, target, format, datums.named(datum))
    return found, [json.loads(line) for line in target.read_text("utf-8").splitlines()]


def test_features_come_out_one_a_line_without_heights(tmp_path: Path) -> None:
    made = collection(
        feature(point(121.5, 29.8, 7.5), name="甬"), feature(None), {**feature(SQUARE), "id": 5}
    )
    found, lines = prepared(tmp_path, made)
    assert found == Prepared(features=2, unplaced=1, positions=5)
    assert lines[0] == feature(point(121.5, 29.8), name="甬")
    assert (lines[1]["id"], lines[1]["geometry"]) == (5, SQUARE)


@pytest.mark.parametrize("parted", [b"\n", b"\r\n", b"\n\x1e"])
def test_features_one_after_the_other(tmp_path: Path, parted: bytes) -> None:
    texts = [json.dumps(feature(point(121.5, 29.8 + n / 10), n=n)).encode() for n in range(3)]
    made = (b"\x1e" if b"\x1e" in parted else b"") + parted.join(texts) + b"\n"
    found, lines = prepared(tmp_path, made, FileFormat.GEOJSONSEQ)
    assert found.features == 3
    assert [line["properties"]["n"] for line in lines] == [0, 1, 2]


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09", "EPSG:4549"])
def test_positions_are_carried_over_from_their_datum(tmp_path: Path, datum: str) -> None:
    true = (121.55, 29.87)
    stated = datums.convert_positions([list(true)], datums.CGCS2000, datums.named(datum))[0]
    _, [line] = prepared(tmp_path, collection(feature(point(*stated))), datum=datum)
    assert line["geometry"]["coordinates"] == pytest.approx(true, abs=1e-7)


BOW = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        ({"type": "Point"}, "/features/1"),
        (feature({"type": "Point", "coordinates": ["a", 1]}), "/features/1/geometry"),
        (feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}), "/features/1/geometry"),
        (feature({"type": "Point", "coordinates": []}), "/features/1/geometry"),
        (feature({"type": "GeometryCollection", "geometries": [point(1, 1)]}), "/features/1/geometry"),
        (feature(BOW), "/features/1/geometry"),
        (feature(point(200, 1)), "/features/1/geometry"),
        (feature(point(500_000, 3_300_000)), "/features/1/geometry"),
        (feature(point(1, 1), **{f"p{n}": 1 for n in range(201)}), "/features/1/properties"),
        (feature(point(1, 1), long="x" * 70_000), "/features/1/properties"),
        (feature("POINT (1 1)"), "/features/1/geometry"),
        ({**feature(point(1, 1)), "properties": [1]}, "/features/1"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, bad: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as error:
        prepared(tmp_path, collection(feature(point(1, 1)), bad, feature(point(2, 2))))
    [problem] = error.value.problems
    assert problem.pointer == pointer
    assert problem.detail.zh != problem.detail.en


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b'{"type":"Feature"}', b'{"type":"FeatureCollection","features":{}}', b"\xff\xfe{}",
     b'{"type":"FeatureCollection","features":[' + b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_collection_cannot_be_read(tmp_path: Path, payload: bytes) -> None:
    with pytest.raises(Malformed):
        prepared(tmp_path, payload)


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no feature"):
        prepared(tmp_path, collection(feature(None)))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FEATURES", 2)
    with pytest.raises(TooLarge):
        prepared(tmp_path, collection(*[feature(point(1, 1))] * 3))
    monkeypatch.setattr(files, "MOST_POSITIONS", 3)
    with pytest.raises(TooLarge):
        prepared(tmp_path, collection(feature(SQUARE)))
    monkeypatch.setattr(files, "FEATURE_POSITIONS", 3)
    with pytest.raises(Invalid):
        prepared(tmp_path, collection(feature(SQUARE)))
