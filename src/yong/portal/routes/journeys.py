"""Pages of a service: its start, one question a page, what may be the same, the check, the confirmation."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Template

from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict
from yong.portal import api
from yong.portal.contracts import PHOTO_BYTES, Fault
from yong.portal.service.answering import Unfit
from yong.portal.shell import (
    FORM_BYTES,
    Asked,
    Word,
    caller_of,
    client_of,
    form_of,
    onward,
    page,
    photos_of,
    visit_of,
)

_MOST_AT_ONCE = 3
PHOTOS_BYTES = _MOST_AT_ONCE * PHOTO_BYTES + FORM_BYTES


def _path(name: str, step: str = "") -> str:
    return f"/portal/services/{name}" + (f"/{step}" if step else "")


@get("/portal/services/{name:str}", include_in_schema=False)
async def start(request: Asked, city: NamedDependency[City], name: Word) -> Template:
    """What a service is, who it is for and what it needs."""
    caller = await caller_of(request, city)
    found = api.service(city, caller, name)
    place = request.query_params.get("place", "")[:600]
    return page(
        "portal/start.html", request, city, caller, form=True, service=found, place=place,
        enough=caller.proofing >= found.proofing,
    )  # fmt: skip


@post("/portal/services/{name:str}", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def begin(request: Asked, city: NamedDependency[City], name: Word) -> Response[Any]:
    """Begin its questions."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    visit = visit_of(request, city)
    step = await api.begin(city, caller, visit, name, client_of(request), place=form.get("place") or None)
    return onward(_path(name, step))


@get("/portal/services/{name:str}/{step:str}", include_in_schema=False)
async def question(
    request: Asked, city: NamedDependency[City], name: Word, step: Word
) -> Template | Response[Any]:
    """A question, with what was written before."""
    caller = await caller_of(request, city)
    special = _SPECIAL.get(step)
    try:
        if special is not None:
            return await special(request, city, caller, name)
        return await _asked(request, city, caller, name, step)
    except Unfit as error:
        return await _asked(request, city, caller, name, error.question, error.faults)
    except Conflict:  # nothing is under way: not begun, or an hour ago
        return onward(_path(name))


@post("/portal/services/{name:str}/{step:str}", include_in_schema=False, request_max_body_size=FORM_BYTES)
async def answer(
    request: Asked, city: NamedDependency[City], name: Word, step: Word
) -> Template | Response[Any]:
    """Keep the answer and go on; what does not fit is shown where it is to be put right."""
    caller = await caller_of(request, city)
    form = await form_of(request, city)
    visit, client = visit_of(request, city), client_of(request)
    try:
        if step == "similar":
            return onward(_path(name, await api.not_the_same(city, caller, visit, name)))
        if step == "check":
            await api.hand_in(city, caller, visit, name, client)
            return onward(_path(name, "done"))
        return onward(_path(name, await api.answer(city, caller, visit, name, step, form, client)))
    except Unfit as error:
        written = form if error.question == step else {}
        return await _asked(request, city, caller, name, error.question, error.faults, written)
    except Conflict:
        return onward(_path(name))


@post(
    "/portal/services/{name:str}/{step:str}/photos",
    include_in_schema=False,
    request_max_body_size=PHOTOS_BYTES,
)
async def add(
    request: Asked, city: NamedDependency[City], name: Word, step: Word
) -> Template | Response[Any]:
    """Add photos, and stay there or go on."""
    caller = await caller_of(request, city)
    visit, client = visit_of(request, city), client_of(request)
    form, given = await photos_of(request, city)
    try:
        if given:
            await api.add_photos(city, caller, visit, name, step, given, client)
        if form.get("then") == "stay":
            return onward(_path(name, step))
        return onward(_path(name, await api.answer(city, caller, visit, name, step, {}, client)))
    except Unfit as error:
        return await _asked(request, city, caller, name, error.question, error.faults)
    except Conflict:
        return onward(_path(name))


@get("/portal/services/{name:str}/{step:str}/photos/{id:str}", include_in_schema=False)
async def picture(
    request: Asked, city: NamedDependency[City], name: Word, step: Word, id: Word
) -> Response[Any]:
    """A photo that this visit added, and nobody else sees before it is handed in."""
    caller = await caller_of(request, city)
    found = await api.photo(city, caller, visit_of(request, city), name, id)
    return Response(found.content, media_type=found.media_type, headers={"cache-control": "no-store"})


@post(
    "/portal/services/{name:str}/{step:str}/photos/{id:str}/remove",
    include_in_schema=False, request_max_body_size=FORM_BYTES,
)  # fmt: skip
async def remove(
    request: Asked, city: NamedDependency[City], name: Word, step: Word, id: Word
) -> Response[Any]:
    """Take a photo away again."""
    caller = await caller_of(request, city)
    await form_of(request, city)
    try:
        await api.remove_photo(city, caller, visit_of(request, city), name, id)
    except Conflict:
        return onward(_path(name))
    return onward(_path(name, step))


async def _asked(
    request: Asked,
    city: City,
    caller: Caller,
    name: str,
    step: str,
    faults: list[Fault] | None = None,
    form: dict[str, str] | None = None,
) -> Template | Response[Any]:
    visit = visit_of(request, city)
    found, one, boxes, answers = await api.question(city, caller, visit, name, step)
    if answers.receipt is not None:
        return onward(_path(name, "done"))
    written = answers.written | {k: v[:10_000] for k, v in (form or {}).items()}
    asked = found.journey.questions if found.journey else ()
    photos = await api.photos(city, caller, visit, name, step) if one.photos else []
    return page(
        "portal/question.html", request, city, caller, form=True, status=422 if faults else 200,
        service=found, question=one, boxes=boxes, written=written, faults=faults or [], photos=photos,
        number=asked.index(one) + 1, total=len(asked), action=_path(name, step),
        back=_path(name, asked[asked.index(one) - 1].name) if asked.index(one) else _path(name),
    )  # fmt: skip


async def _similar(request: Asked, city: City, caller: Caller, name: str) -> Template | Response[Any]:
    visit = visit_of(request, city)
    found, alike = await api.similar(city, caller, visit, name)
    if not alike:
        return onward(_path(name, await api.not_the_same(city, caller, visit, name)))
    asked = found.journey.questions if found.journey else ()
    return page(
        "portal/similar.html", request, city, caller, form=True, service=found, alike=alike,
        action=_path(name, "similar"), back=_path(name, asked[-1].name),
    )  # fmt: skip


async def _check(request: Asked, city: City, caller: Caller, name: str) -> Template | Response[Any]:
    found, rows, open_step, receipt = await api.to_check(city, caller, visit_of(request, city), name)
    if receipt is not None:
        return onward(_path(name, "done"))
    if open_step is not None:
        return onward(_path(name, open_step))
    asked = found.journey.questions if found.journey else ()
    return page(
        "portal/check.html", request, city, caller, form=True, service=found, rows=rows,
        action=_path(name, "check"), back=_path(name, asked[-1].name),
    )  # fmt: skip


async def _done(request: Asked, city: City, caller: Caller, name: str) -> Template | Response[Any]:
    found, _, _, receipt = await api.to_check(city, caller, visit_of(request, city), name)
    if receipt is None:
        return onward(_path(name, "check"))
    return page("portal/done.html", request, city, caller, service=found, receipt=receipt)


_SPECIAL = {"similar": _similar, "check": _check, "done": _done}

routes = (start, begin, question, answer, add, picture, remove)
