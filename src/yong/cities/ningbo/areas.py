"""The districts, counties and county-level cities of Ningbo by GB/T 2260, with their history.

Dates are those of the State Council's decision; codes of 2016 by 国函〔2016〕158号.
"""

from datetime import date

from yong.cities.contracts import Area
from yong.kernel.base.text import Text

_2016 = date(2016, 9, 14)
_DECISION_2016 = "国函〔2016〕158号"

AREAS: tuple[Area, ...] = (
    Area(code="330203", name=Text("海曙区", "Haishu District")),
    Area(
        code="330204",
        name=Text("江东区", "Jiangdong District"),
        until=_2016,
        became=("330212",),
        basis=_DECISION_2016,
    ),
    Area(code="330205", name=Text("江北区", "Jiangbei District")),
    Area(code="330206", name=Text("北仑区", "Beilun District")),
    Area(code="330211", name=Text("镇海区", "Zhenhai District")),
    Area(code="330212", name=Text("鄞州区", "Yinzhou District")),
    Area(
        code="330213",
        name=Text("奉化区", "Fenghua District"),
        since=_2016,
        basis=_DECISION_2016,
    ),
    Area(
        code="330283",
        name=Text("奉化市", "Fenghua City"),
        until=_2016,
        became=("330213",),
        basis=_DECISION_2016,
    ),
    Area(code="330225", name=Text("象山县", "Xiangshan County")),
    Area(code="330226", name=Text("宁海县", "Ninghai County")),
    Area(code="330281", name=Text("余姚市", "Yuyao City")),
    Area(code="330282", name=Text("慈溪市", "Cixi City")),
)
