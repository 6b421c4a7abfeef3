"""The rules of class sets and components: codes whose widths belong to their set (GB/T 30428.2). Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence

from yong.domains.cityops.contracts import ClassLine, ClassSet
from yong.kernel.base.errors import Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Unit

_LEAST = 4  # characters of an upper and a lower class in any edition of the standard
AREA = 6  # digits of the county-level area with which a component's code begins (GB/T 2260)
NEAR_M = 50.0
_EARTH_M = 6_371_008.8  # mean radius, IUGG
_WIDE = Text(
    "应为 {major} 位（大类）或 {both} 位（大类和小类）",
    "{major} characters (upper class) or {both} (with the lower)",
)
_TWICE = Text("代码重复", "The code is there twice")
_NO_PARENT = Text("没有上级大类 {code}", "There is no upper class {code}")
_UNIT = Text("应为下列之一：{units}", "One of these: {units}")
_NOT_ITS = Text(
    "编码第 7 位起应为类别代码 {code} 的末尾部分",
    "From its seventh character a component's code has the end of its class's, {code}",
)
_SHORT = Text(
    "部件编码为 6 位区划、类别代码和顺序号",
    "A component's code is six digits of the area, its class and a number",
)
_OPTIONS = Text(
    '列表类问题须给出选项：[{"key":…,"zh":…,"en":…}]', 'A list needs options: [{"key":…,"zh":…,"en":…}]'
)


def faults_of(said: ClassSet) -> list[Problem]:
    """What is wrong with the lines of a set, each by its place."""
    both = said.major_width + said.minor_width
    codes: set[str] = set()
    faults = []
    for n, line in enumerate(said.lines):
        if len(line.code) not in (said.major_width, both):
            faults.append(Problem(f"/lines/{n}/code", _WIDE.filled(major=said.major_width, both=both)))
        elif line.code in codes:
            faults.append(Problem(f"/lines/{n}/code", _TWICE))
        codes.add(line.code)
        for k, limit in enumerate(line.limits):
            if limit.unit not in {u.value for u in Unit}:
                units = ", ".join(u.value for u in Unit)
                faults.append(Problem(f"/lines/{n}/limits/{k}/unit", _UNIT.filled(units=units)))
    for n, line in enumerate(said.lines):
        if len(line.code) == both and line.code[: said.major_width] not in codes:
            faults.append(Problem(f"/lines/{n}/code", _NO_PARENT.filled(code=line.code[: said.major_width])))
    return faults


def values_of(name: str, said: ClassSet, line: ClassLine) -> dict[str, object]:
    """A line as the register of classes keeps it."""
    lower = len(line.code) > said.major_width
    return {
        "code": said.prefix + line.code,
        "title_zh": line.title_zh,
        "title_en": line.title_en,
        "procedure": said.procedure,
        "filing": line.filing,
        "closing": line.closing,
        "parent": said.prefix + line.code[: said.major_width] if lower else None,
        "class_set": name,
        "open": line.open,
        "summary_zh": line.summary_zh,
        "summary_en": line.summary_en,
        "words": line.words,
    }


def limits_of(name: str, said: ClassSet) -> list[dict[str, object]]:
    """The time limits of a set's lines as their register keeps them."""
    return [
        {
            "procedure": said.procedure,
            "clock": said.clock,
            "class_prefix": said.prefix + line.code,
            "grade": limit.grade,
            "urgent": limit.urgent,
            "amount": limit.amount,
            "unit": limit.unit,
            "basis_zh": f"{said.title_zh} {said.edition}"[:300],
            "basis_en": f"{said.title_en} {said.edition}"[:300],
            "class_set": name,
        }
        for line in said.lines
        for limit in line.limits
    ]


def component_faults(values: Mapping[str, object]) -> Sequence[Problem]:
    """A component's code is the area's six digits, its class's own characters and a number; how wide each is, is its set's."""
    code, kind = str(values.get("code") or ""), str(values.get("class") or "")
    if len(code) < AREA + 3 or not code[:AREA].isdigit():
        return [Problem("/code", _SHORT)]
    widths = range(min(_LEAST, len(kind)), len(code) - AREA)
    if not any(kind.endswith(code[AREA : AREA + width]) for width in widths):
        return [Problem("/code", _NOT_ITS.filled(code=kind))]
    return ()


def question_faults(values: Mapping[str, object]) -> Sequence[Problem]:
    """A question whose answer is chosen has what to choose from."""
    if values.get("datatype") not in ("singlevaluelist", "multivaluelist"):
        return ()
    options = values.get("options")
    good = isinstance(options, list) and options and all(_option(o) for o in options)
    return () if good else [Problem("/options", _OPTIONS)]


def _option(one: object) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(n), str) and one[n] for n in ("key", "zh"))


def box(lon: float, lat: float, metres: float) -> str:
    """The box within which everything nearer than that lies: west,south,east,north in degrees."""
    dy = math.degrees(metres / _EARTH_M)
    dx = min(180.0, dy / max(math.cos(math.radians(lat)), 1e-6))
    parts = (max(-180.0, lon - dx), max(-90.0, lat - dy), min(180.0, lon + dx), min(90.0, lat + dy))
    return ",".join(f"{v:.7f}" for v in parts)


def away(lon: float, lat: float, positions: Iterable[tuple[float, float]]) -> float:
    """How far the nearest of some positions is, in metres: on a plane, since they are but some metres away."""
    scale = math.cos(math.radians(lat))
    return min(
        (math.radians(math.hypot((x - lon) * scale, y - lat)) * _EARTH_M for x, y in positions),
        default=math.inf,
    )
