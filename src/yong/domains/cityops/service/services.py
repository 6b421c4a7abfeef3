"""What may be reported: the classes of cases that are open to the public, and what each asks."""

from collections.abc import Mapping
from datetime import datetime

from yong.domains.cityops.contracts import PROCEDURE, Attribute, Datatype, Option, PublicService
from yong.domains.cityops.logic.open311 import category_of
from yong.domains.reports.contracts import CATEGORIES
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Filter, Operator, Record

CLASS, SET, QUESTION = "cases.class", "cityops.class_set", "cityops.question"
_MOST = 5_000
_NO_SERVICE = Text("没有 service_code 为 {code} 的服务", "There is no service with the service_code {code}")


async def services(city: City) -> list[PublicService]:
    """What is open to the public, by code; where a city has opened no class, the portal's categories."""
    caller = access.system_caller("cityops")
    sets = [r.values async for r in records.every(city, caller, SET)]
    asking = {str(r.values["class"]) async for r in records.every(city, caller, QUESTION)}
    found: list[PublicService] = []
    async for record in records.every(city, caller, CLASS, filters=(Filter("open", Operator.EQ, "true"),)):
        if record.values.get("procedure") in (None, PROCEDURE) and len(found) < _MOST:
            found.append(_of_class(record, sets, asking))
    if not found:
        found = [of_category(code, title, asking) for code, title in CATEGORIES.items()]
    return sorted(found, key=lambda s: s.code)


def _of_class(record: Record, sets: list[dict[str, object]], asking: set[str]) -> PublicService:
    values = record.values
    code, name = str(values["code"]), title_of(values)
    category = category_of(code, sets)
    zh, en = values.get("summary_zh"), values.get("summary_en")
    return PublicService(
        code=code,
        name=name,
        category=category,
        description=Text(str(zh or en or name.zh), str(en or zh or name.en)),
        group=CATEGORIES[category],
        words=str(values.get("words") or ""),
        asks=code in asking,
    )


def of_category(code: str, title: Text, asking: frozenset[str] | set[str] = frozenset()) -> PublicService:
    """A category of reports as a service."""
    return PublicService(
        code=code, name=title, category=code, description=title, group=title, asks=code in asking
    )


def title_of(values: Mapping[str, object]) -> Text:
    """What a class is called; in Chinese alone where it has no English name."""
    zh = str(values["title_zh"])
    return Text(zh, str(values.get("title_en") or zh))


async def service(city: City, code: str) -> PublicService:
    """What is open to the public under a code. Raises NotFound."""
    found = next((s for s in await services(city) if s.code == code), None)
    if found is None:
        raise NotFound(_NO_SERVICE, code=code[:60])
    return found


async def attributes(city: City, code: str) -> list[Attribute]:
    """What a service asks, in its order."""
    caller = access.system_caller("cityops")
    found = [
        _attribute(record.values)
        async for record in records.every(
            city, caller, QUESTION, filters=(Filter("class", Operator.EQ, code),)
        )
    ]
    return sorted(found, key=lambda a: (a.order, a.code))


def _attribute(values: Mapping[str, object]) -> Attribute:
    zh, hint = str(values["text_zh"]), values.get("hint_zh")
    options = values.get("options")
    return Attribute(
        code=str(values["code"]),
        description=Text(zh, str(values.get("text_en") or zh)),
        datatype=Datatype(str(values["datatype"])),
        variable=values.get("variable") is not False,
        required=bool(values.get("required")),
        order=int(str(values.get("position") or 1)),
        hint=Text(str(hint), str(values.get("hint_en") or hint)) if hint else None,
        values=tuple(
            Option(key=str(o["key"]), name=Text(str(o["zh"]), str(o.get("en") or o["zh"])))
            for o in (options if isinstance(options, list) else [])
        ),
    )


async def names(city: City, codes: set[str]) -> dict[str, Text]:
    """What classes and categories are called, also those that are not open or have ended."""
    found = {code: CATEGORIES[code] for code in codes & CATEGORIES.keys()}
    left = sorted(codes)
    caller = access.system_caller("cityops")
    for start in range(0, len(left), 100):
        some = ",".join(c for c in left[start : start + 100] if "," not in c)
        page = await records.listing(
            city, caller, CLASS, filters=(Filter("code", Operator.IN, some),), limit=100, ended=True
        )
        found |= {str(r.values["code"]): title_of(r.values) for r in page.items}
    return found


async def changed(city: City) -> datetime | None:
    """When the classes or their questions changed last; None where there are none."""
    found = []
    for relation in (CLASS, QUESTION):
        page = await records.listing(
            city, access.system_caller("cityops"), relation, sort="-updated_at", limit=1, ended=True
        )
        found += [datetime.fromisoformat(r.updated_at) for r in page.items if r.updated_at]
    return max(found, default=None)
