"""Procedures as people read them: versions, picture, plain words."""

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.text import Text
from yong.kernel.cases import store
from yong.kernel.cases.contracts import FieldShown, ProcedureShown, ToldStep, Version
from yong.kernel.cases.procedures.drawing import draw
from yong.kernel.cases.procedures.telling import tell
from yong.kernel.cases.service.shelf import ready
from yong.kernel.store.database import Database

_NONE = Text("没有这个流程", "There is no such procedure")


async def versions(city: City, caller: Caller, name: str | None) -> list[Version]:
    rows = await store.procedures(city[Database], name)
    names = await access.names(city, caller, {row["made_by"] for row in rows})
    return [
        Version(
            name=row["name"], version=row["version"], title=Text(**row["title"]).in_(caller.language), state=row["state"],
            made_by=names.get(row["made_by"], ""), made_at=row["made_at"], live_at=row["live_at"], sha256=row["sha256"],
            running=row["running"],
        )
        for row in rows
    ]  # fmt: skip


async def shown(city: City, caller: Caller, name: str, version: int | None) -> ProcedureShown:
    row = await store.procedure(city[Database], name, version)
    if row is None:
        raise NotFound(_NONE)
    shelved = await ready(city, name, row["version"])
    sheet, language = shelved.sheet, caller.language
    return ProcedureShown(
        name=name, version=row["version"], title=sheet.title.in_(language), state=row["state"], bpmn=row["bpmn"],
        drawing=draw(shelved.model, language, {}),
        steps=[
            ToldStep(number=s.number, element=s.element, text=s.text.in_(language)) for s in tell(shelved.model, language)
        ],
        stages=[(code, title.in_(language)) for code, title in sheet.stages],
        fields=[
            FieldShown(
                name=f.name, kind=f.kind.value, title=f.title.in_(language), required=f.required, value=None,
                choices=[(code, title.in_(language)) for code, title in f.choices],
            )
            for f in sheet.fields
        ],
    )  # fmt: skip
