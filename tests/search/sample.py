"""A register to be found, with fields of every label, in two districts."""

import asyncio
from typing import Any

from yong.kernel.access.api import system_caller
from yong.kernel.base.city import City
from yong.kernel.base.module import Module
from yong.kernel.base.relation import Field, Level, Mask, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Table
from yong.kernel.search import store
from yong.kernel.search.contracts import Searchable
from yong.kernel.search.indexing import Keeper

SYSTEM = system_caller("sample")


def field(name: str, kind: Type = Type.TEXT, **more: Any) -> Field:
    labels = {"level": Level.GENERAL, "personal": Personal.NO, "meaning": Text(name, name)}
    return Field(name=name, type=kind, **{**labels, **more})


SHOP = Table(
    name="sample.shop",
    title=Text("店铺", "Shop"),
    key="code",
    geometry="place",
    fields=(
        field("code", required=True, max_length=40),
        field("name", required=True, max_length=100),
        field("name_en", max_length=100),
        field("note", max_length=5000),
        field("keeper", personal=Personal.PERSONAL, mask=Mask.NAME),
        field("reserve", level=Level.IMPORTANT),
        field("place", Type.GEOMETRY),
    ),
)
VIEW = Relation(
    name="sample.street",
    title=Text("街", "Street"),
    key=("name",),
    fields=(field("name"), field("shops", Type.INTEGER)),
    sql="SELECT note AS name, count(*) AS shops FROM sample.shop WHERE note LIKE '%街' GROUP BY note",
)
MODULE = Module(
    name="sample",
    package=__package__ or "search",
    title=Text("样例", "Sample"),
    needs=("records", "search"),
    declares=(SHOP, VIEW),
)


def module(*more: Searchable) -> Module:
    return Module(
        name=MODULE.name, package=MODULE.package, title=MODULE.title, needs=MODULE.needs, declares=(SHOP, VIEW, *more)
    )  # fmt: skip


async def shop(
    city: City,
    code: str,
    name: str,
    *,
    district: str = "330205",
    at: tuple[float, float] | None = None,
    **values: Any,
) -> str:
    place = {"place": {"type": "Point", "coordinates": list(at)}} if at else {}
    made = await records.create(
        city, SYSTEM, "sample.shop", {"code": code, "name": name, **place, **values}, district=district
    )
    return made.id


async def keeper(city: City) -> Keeper:
    """The keeper, with an index in use."""
    one = Keeper(city)
    await one.open()
    return one


async def settle(one: Keeper) -> None:
    """Until the index has all that happened. Transactions of other tests on the same server may hold it up."""
    for _ in range(600):
        if not await one.turn() and not (await store.state(one.database)).events:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the index did not catch up")
