"""The code of a unit grid: 15 digits (GB/T 30428.1).

Six of the county-level area (GB/T 2260), three of the street or township, three of the community or village,
three of the grid's serial number in its community. The first twelve are the statistical code of the community.
"""

import msgspec

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text

LENGTH, SERIALS = 15, 999
# GB/T 2260: the first two digits, by region of the country.
_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
_PROVINCES = frozenset(str(n) for low, high in _REGIONS for n in range(low, high + 1))


class GridCode(msgspec.Struct, frozen=True):
    """A code in its parts, each of digits."""

    area: str  # 6
    street: str  # 3
    community: str  # 3
    serial: str  # 3

    def __str__(self) -> str:
        return self.area + self.street + self.community + self.serial


def parse(code: str) -> GridCode:
    """A code of 15 digits in its parts. Raises Invalid with everything that is wrong with it."""
    problems = faults(code, LENGTH)
    if problems:
        raise Invalid(
            Text("单元网格编码有误", "The code of a unit grid is wrong"),
            problems=tuple(Problem("/code", text) for text in problems),
        )
    return GridCode(code[:6], code[6:9], code[9:12], code[12:])


def faults(code: str, length: int) -> list[Text]:
    """What is wrong with a code of 6, 9, 12 or 15 digits; nothing when it is well formed.

    Whether the area exists is not asked: areas come and go, and a code keeps what was valid when it was given.
    """
    found = []
    strange = next(((n, c) for n, c in enumerate(code, 1) if not "0" <= c <= "9"), None)
    if strange is not None:
        place, sign = strange
        if sign.isdigit():
            why = Text("第 {n} 位是全角或其他文字的数字，请用半角", "Digit {n} is not an ASCII digit")
        else:
            why = Text("第 {n} 位不是数字", "Character {n} is not a digit")
        found.append(why.filled(n=place))
    if len(code) != length:
        found.append(
            Text("应为 {want} 位，实为 {n} 位", "It has {n} characters instead of {want}").filled(
                want=length, n=len(code)
            )
        )
    if found:
        return found
    if code[:2] not in _PROVINCES:
        found.append(
            Text(
                "前两位 {x} 不是省级代码（GB/T 2260）", "It begins with {x}, no province (GB/T 2260)"
            ).filled(x=code[:2])
        )
    elif code[2:4] == "00":
        found.append(
            Text("前六位 {x} 是省级代码，应为县级", "Its area {x} is a whole province").filled(x=code[:6])
        )
    for start, what in _PARTS:
        if start < length and code[start : start + 3] == "000":
            found.append(
                Text(
                    f"第 {start + 1} 至 {start + 3} 位（{what.zh}）不得为 000",
                    f"Digits {start + 1} to {start + 3}, {what.en}, must not be 000",
                )
            )
    return found


_PARTS = (
    (6, Text("街道或乡镇", "the street or township")),
    (9, Text("社区或村", "the community or village")),
    (12, Text("顺序号", "the serial number")),
)
