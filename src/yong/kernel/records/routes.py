"""HTTP of records: any Relation read, any table written, imported and exported."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter, JSONBody, PathParameter, QueryParameter

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.door import ASGI, HotRoute, Message
from yong.kernel.base.errors import Malformed
from yong.kernel.base.text import Text
from yong.kernel.records import api
from yong.kernel.records.contracts import (
    IMPORT_BYTES,
    Change,
    Format,
    ImportReport,
    Page,
    Record,
    filters_of,
)
from yong.kernel.records.sync import routes as away

_Name = Annotated[str, PathParameter(min_length=3, max_length=128, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
_Id = Annotated[str, PathParameter(min_length=1, max_length=400, pattern=r"^[^\x00/]+$")]
_Party = Annotated[str, msgspec.Meta(max_length=128, pattern=r"^[^\x00]*$")]
_District = Annotated[str, msgspec.Meta(pattern="^[0-9]{2,15}$")]
_Version = Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
_ARRIVES_WITHIN_S = 600.0  # a file; who sends more slowly holds a place that others wait for
_RESERVED = frozenset({"schema", "import", "export"})
_FILES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.GEOJSON: "application/geo+json",
    Format.PARQUET: "application/vnd.apache.parquet",
}


class Column(msgspec.Struct):
    """A field of a Relation, with its labels."""

    name: str
    type: str
    zh: str
    en: str
    unit: str | None
    level: str
    personal: str


class Described(msgspec.Struct):
    """A Relation that the caller may read."""

    name: str
    zh: str
    en: str
    key: list[str]
    fields: list[Column]


class NewRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A record to be made."""

    values: dict[str, Any]
    owner: _Party | None = None
    district: _District | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class ChangeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A change of a record: the values that change and the version they were read at."""

    values: dict[str, Any]
    version: _Version
    valid_from: date | None = None
    valid_to: date | None = None


class Versioned(msgspec.Struct):
    """The version that a record has now."""

    id: str
    version: int


@get("/records", opt={"open": True}, summary="Relations")
async def relations(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Described]:
    """The Relations of which the caller may read something, with every field's meaning and labels."""
    return [
        Described(
            r.name,
            r.title.zh,
            r.title.en,
            list(r.key),
            [
                Column(
                    f.name, f.type.value, f.meaning.zh, f.meaning.en, f.unit, f.level.value, f.personal.value
                )
                for f in r.fields
            ],
        )
        for r in api.readable(city, caller)
    ]


@get("/records/{relation:str}", opt={"open": True}, summary="A page of records")
async def listing(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    filters: Annotated[list[str] | None, QueryParameter(name="filter", max_items=20)] = None,
    sort: Annotated[str | None, QueryParameter(max_length=100)] = None,
    cursor: Annotated[str | None, QueryParameter(max_length=4000)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    at: FromQuery[date | None] = None,
    as_known_at: FromQuery[datetime | None] = None,
    ended: FromQuery[bool] = False,
) -> Page:
    """Records, filtered (`filter=name:prefix:宁`), sorted (`sort=-name`), in pages that `cursor` continues."""
    return await api.listing(
        city,
        caller,
        relation,
        filters=filters_of(filters),
        sort=sort,
        cursor=cursor,
        limit=limit,
        at=at,
        as_known_at=_aware(as_known_at),
        ended=ended,
    )


@get("/records/{relation:str}/{id:str}", opt={"open": True}, summary="One record")
async def read(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    id: _Id,
    at: FromQuery[date | None] = None,
    as_known_at: FromQuery[datetime | None] = None,
) -> Record:
    """A record; `at` a day as the law sees it, `as_known_at` a moment as it was recorded."""
    return await api.read(city, caller, relation, id, at=at, as_known_at=_aware(as_known_at))


@post("/records/{relation:str}", summary="Make a record")
async def create(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    data: JSONBody[NewRecord],
    key: Annotated[
        str | None, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=255, pattern="^[ -~]+$")
    ] = None,
) -> Record:
    """A new record; sent again with the same Idempotency-Key it is made once."""
    return await api.create(
        city,
        caller,
        relation,
        data.values,
        owner=data.owner,
        district=data.district,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
        idempotency_key=key,
    )


@patch("/records/{relation:str}/{id:str}", opt={"errors": (412,)}, summary="Change a record")
async def update(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    id: _Id,
    data: JSONBody[ChangeRecord],
) -> Versioned:
    """Change some values; 412 when somebody changed the record since `version`."""
    version = await api.update(
        city,
        caller,
        relation,
        id,
        data.values,
        data.version,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
    )
    return Versioned(id, version)


@delete("/records/{relation:str}/{id:str}", status_code=200, opt={"errors": (412,)}, summary="End a record")
async def end(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    id: _Id,
    version: Annotated[int, QueryParameter(ge=1, le=2_147_483_647)],
) -> Versioned:
    """End a record; it stays in the history."""
    return Versioned(id, await api.end(city, caller, relation, id, version))


@get("/records/{relation:str}/{id:str}/history", opt={"open": True}, summary="What was recorded")
async def history(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    id: _Id,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
) -> list[Change]:
    """The states of a record, newest first."""
    return await api.history(city, caller, relation, id, limit=limit)


@get("/records/{relation:str}/schema", opt={"open": True, "errors": (409,)}, summary="The form of a record")
async def schema(
    city: NamedDependency[City], caller: NamedDependency[Caller], relation: _Name
) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a record's values, with titles in both languages."""
    return dict(api.schema(city, caller, relation))


@post(
    "/records/{relation:str}/import",
    status_code=200,
    opt={"takes": {key: {"type": "string"} for key in _FILES.values()}},
    summary="Import a file",
    request_max_body_size=IMPORT_BYTES,
)
async def import_file(
    request: "Request[Any, Any, Any]",
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    format: FromQuery[Format] = Format.CSV,
    dry_run: FromQuery[bool] = False,
) -> ImportReport:
    """All rows of the body, or none: the report lists every bad row. `dry_run=true` only looks."""
    async with api.taking_in(city, caller, relation):
        try:
            async with asyncio.timeout(_ARRIVES_WITHIN_S):
                payload = await request.body()
        except TimeoutError:
            raise Malformed(Text("文件未能及时送达", "The file did not arrive in time")) from None
        return await api.import_file(city, caller, relation, payload, format, dry_run=dry_run)


@get(
    "/records/{relation:str}/export",
    opt={"open": True, "gives": tuple(_FILES.values()), "errors": (409, 413)},
    summary="Export a file",
    media_type="application/octet-stream",
)
async def export(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    relation: _Name,
    format: FromQuery[Format] = Format.CSV,
    filters: Annotated[list[str] | None, QueryParameter(name="filter", max_items=20)] = None,
) -> Response[bytes]:
    """Every record that the caller may see, masked as on the screen."""
    payload = await api.export(city, caller, relation, format, filters=filters_of(filters))
    name = f"{relation}.{format.value}"
    return Response(
        payload,
        media_type=_FILES[format],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _aware(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Malformed(Text("时间须带时区", "A time needs its offset"))
    return moment


def _read_hot(city: City) -> ASGI:
    """GET of one record at the full speed of the database; what is special goes to the framework."""

    async def read_one(scope: Message, receive: Any, send: Any) -> bool | None:
        _, _, relation, id_ = scope["path"].split("/")
        if id_ in _RESERVED or scope["query_string"]:
            return False
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        client = scope.get("client")
        caller = await access.caller_of(city, headers, client[0] if client else "")
        body = await api.document(city, caller, relation, id_)
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(body)).encode()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})
        return None

    return read_one


routes = (
    relations, listing, read, create, update, end, history, schema, import_file, export, *away.routes,
)  # fmt: skip
hot = (HotRoute(method="GET", prefix="/records/", segments=3, open=_read_hot),)
