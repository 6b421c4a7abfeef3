"""HTTP of operations on many entities at once (clauses 6.14 to 6.17, 6.31)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid, YongError
from yong.kernel.base.text import Text
from yong.kernel.context import api
from yong.kernel.context.api.entities import Verb
from yong.kernel.context.jsonld.names import Names
from yong.kernel.context.ngsild import ids
from yong.kernel.context.ngsild.fragments import Fragment, read_entity, read_fragment
from yong.kernel.context.routes import problems
from yong.kernel.context.routes.entities import ERRORS
from yong.kernel.context.routes.exchange import (
    JSON,
    LD,
    AnyRequest,
    Asked,
    Words,
    context_of,
    done,
    linked,
    media_type,
    options_of,
    several,
    take,
)
from yong.kernel.context.service.writing import Written

MOST = 1000
_MANY = Text("一次至多 {n} 个，至少 1 个", "At most {n} at once, and at least one")
_KINDS = Text("应为对象（删除时为 id）的数组", "An array of entities is expected; of ids to delete")
_TAKES: dict[str, Any] = {
    media: {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": MOST}
    for media in (JSON, LD)
}
_TAKES_IDS: dict[str, Any] = {
    media: {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST}
    for media in (JSON, LD)
}
_MULTI = {207: ResponseSpec(dict, description="Some of it was done", generate_examples=False)}
_MADE = {
    **_MULTI,
    201: ResponseSpec(list[str], description="Ids of what was made", generate_examples=False),
}


class _Outcome(msgspec.Struct):
    """What became of each entity of a request, by its id as it is stored; of errors as it was given."""

    made: list[str]
    changed: list[str]
    errors: list[tuple[str, BaseException]]


async def _do(
    request: AnyRequest, city: City, caller: Caller, verb: Verb, *, overwrite: bool = True
) -> tuple[Asked, _Outcome]:
    asked = await take(city, caller, request)
    raw = asked.raw
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST:
        raise Invalid(_MANY, n=MOST)
    kind = str if verb == "delete" else dict
    if not all(isinstance(item, kind) for item in raw):
        raise Invalid(_KINDS)
    outcome = _Outcome([], [], [])
    fragments: list[Fragment] = []
    media, link = media_type(request), linked(request)
    for item in raw:
        try:
            names = asked.names
            if verb != "delete" and (media != JSON or "@context" in item):
                context = context_of(media, item.get("@context"), link)
                if context != asked.context:
                    names = await api.names(city, caller, context)
            fragments.append(_read(item, verb, names))
        except YongError as error:
            outcome.errors.append((_id_of(item), error))
    answers: Sequence[Written | BaseException] = []
    if fragments:
        answers = await api.batch(city, caller, verb, fragments, overwrite=overwrite, place=asked.place)
    for fragment, answer in zip(fragments, answers, strict=True):
        id_ = str(fragment.id)
        if isinstance(answer, BaseException):
            outcome.errors.append((ids.shown(id_), answer))
        else:
            (outcome.made if answer.created else outcome.changed).append(id_)
    return asked, outcome


def _read(item: Any, verb: Verb, names: Names) -> Fragment:
    if verb == "delete":
        return Fragment(id=ids.stored(item), types=(), scopes=None, attributes={})
    if verb in ("create", "upsert", "replace"):
        return read_entity(item, names)
    fragment = read_fragment(item, names, part=verb == "merge")
    if fragment.id is None:
        raise Invalid(Text("缺少 id", "The id is missing"))
    return fragment


def _id_of(item: Any) -> str:
    """The id of something that could not be read, as far as it has one."""
    found = item.get("id") if isinstance(item, dict) else item
    return found[: ids.LONGEST] if isinstance(found, str) else "urn:ngsi-ld:null"


def _answer(caller: Caller, asked: Asked, outcome: _Outcome) -> Response[None]:
    if outcome.errors:
        return several(
            asked,
            {
                "success": [ids.shown(id_) for id_ in outcome.made + outcome.changed],
                "errors": [
                    {"entityId": id_, "error": problems.document(problems.of(error), caller.language)}
                    for id_, error in outcome.errors
                ],
            },
        )
    return several(asked, list(map(ids.shown, outcome.made)), 201) if outcome.made else done(asked)


_OPT = {"takes": _TAKES, "errors": ERRORS}


@post("/entityOperations/create", opt=_OPT, status_code=204, responses=_MADE, summary="Create many entities")
async def create(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Make entities (5.6.7): 201 with their ids, or 207 with what could not be made and why."""
    asked, outcome = await _do(request, city, caller, "create")
    return _answer(caller, asked, outcome)


@post(
    "/entityOperations/upsert",
    opt=_OPT,
    status_code=204,
    responses=_MADE,
    summary="Create or change many entities",
)
async def upsert(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], options: Words = None
) -> Response[None]:
    """Make entities, or replace those that are there (5.6.8); with `options=update` their attributes alone."""
    given, _ = options_of(options, None)
    asked, outcome = await _do(request, city, caller, "upsert" if "update" in given else "replace")
    return _answer(caller, asked, outcome)


@post("/entityOperations/update", opt=_OPT, status_code=204, responses=_MULTI, summary="Update many entities")
async def update(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller], options: Words = None
) -> Response[None]:
    """Put attributes on entities that are there (5.6.9), over theirs unless `options=noOverwrite`."""
    given, _ = options_of(options, None)
    asked, outcome = await _do(request, city, caller, "update", overwrite="noOverwrite" not in given)
    return _answer(caller, asked, outcome)


@post(
    "/entityOperations/merge",
    opt=_OPT,
    status_code=204,
    responses=_MULTI,
    summary="Merge into many entities",
)
async def merge(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Merge-patch entities that are there (5.6.20)."""
    asked, outcome = await _do(request, city, caller, "merge")
    return _answer(caller, asked, outcome)


@post(
    "/entityOperations/delete",
    opt={"takes": _TAKES_IDS, "errors": ERRORS},
    status_code=204,
    responses=_MULTI,
    summary="Delete many entities",
)
async def remove(
    request: AnyRequest, city: NamedDependency[City], caller: NamedDependency[Caller]
) -> Response[None]:
    """Delete entities by their ids (5.6.10)."""
    asked, outcome = await _do(request, city, caller, "delete")
    return _answer(caller, asked, outcome)


routes = (create, upsert, update, merge, remove)
