"""The city package's one declaration."""

from yong.cities.contracts import CityPackage
from yong.cities.ningbo.areas import AREAS
from yong.cities.ningbo.departments import DEPARTMENTS
from yong.kernel.base.text import Text

CITY = CityPackage(
    code="330200",
    short="甬",
    name=Text("宁波市", "Ningbo"),
    centre=(121.55, 29.87),
    areas=AREAS,
    departments=DEPARTMENTS,
)
