"""HTTP of boards."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, JSONBody, PathParameter

from yong.domains.boards import api
from yong.domains.boards.contracts import (
    CARDS,
    LINK_DAYS,
    Answer,
    Board,
    BoardLink,
    Card,
    Listed,
    Shared,
    Shown,
    Title,
)
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City

_Id = Annotated[str, PathParameter(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
_Word = Annotated[
    str | None, HeaderParameter(name="X-Board-Link", min_length=1, max_length=200, pattern="^[ -~]+$")
]
_Cards = Annotated[list[Card], msgspec.Meta(max_length=CARDS)]


class NewBoard(msgspec.Struct, forbid_unknown_fields=True):
    """A board to be made: its cards in their order."""

    title: Title
    shared: Shared = Shared.NOBODY
    cards: _Cards = []


class ChangedBoard(NewBoard, forbid_unknown_fields=True, kw_only=True):
    """A board as it shall be, and the version it was read at."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]


class KeptBoard(msgspec.Struct):
    """The board that was made."""

    id: str
    version: int


class NewBoardLink(msgspec.Struct, forbid_unknown_fields=True):
    """A link to be made: what it is for, and for how many days it is good."""

    title: Title
    days: Annotated[int, msgspec.Meta(ge=1, le=LINK_DAYS)] = 90


@get("/boards", summary="Boards")
async def boards(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Listed]:
    """One's own boards and those shared with one, the newest first."""
    return await api.boards(city, caller)


@post("/boards", summary="Make a board")
async def make(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewBoard]
) -> KeptBoard:
    """A new board of one's own."""
    return KeptBoard(await api.make(city, caller, data.title, data.shared, data.cards), 1)


@get("/boards/{id:str}", summary="One board")
async def board(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> Board:
    """A board with its cards; what they show is asked card by card."""
    return await api.board(city, caller, id)


@put("/boards/{id:str}", opt={"errors": (412,)}, summary="Change a board")
async def change(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[ChangedBoard]
) -> KeptBoard:
    """Change a board of one's own; 412 when it was changed since `version`."""
    version = await api.change(city, caller, id, data.version, data.title, data.shared, data.cards)
    return KeptBoard(id, version)


@delete("/boards/{id:str}", summary="Delete a board")
async def drop(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> None:
    """Delete a board of one's own; its links show nothing any more."""
    await api.drop(city, caller, id)


@post("/board-cards", status_code=200, opt={"errors": (404, 413)}, summary="What a card shows")
async def answer(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Card]
) -> Answer:
    """What a card shows to the caller, whether it is on a board or not yet."""
    return await api.answer(city, caller, data)


@get("/boards/{id:str}/links", summary="Links to a board")
async def links(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id) -> list[BoardLink]:
    """The links that are good, without their secrets."""
    return await api.links(city, caller, id)


@post("/boards/{id:str}/links", summary="Make a link to a board")
async def link(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, data: JSONBody[NewBoardLink]
) -> BoardLink:
    """A link for a screen where nobody signs in; it shows the board as its maker may see it. Its secret is told once."""
    made, word = await api.link(city, caller, id, data.title, data.days)
    return msgspec.structs.replace(made, secret=word)


@delete("/boards/{id:str}/links/{link_id:str}", summary="Revoke a link")
async def unlink(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Id, link_id: _Id) -> None:
    """Revoke a link to a board of one's own."""
    await api.unlink(city, caller, id, link_id)


@get("/shown-board", summary="The board of a link")
async def shown(city: NamedDependency[City], caller: NamedDependency[Caller], word: _Word = None) -> Shown:
    """The board that a link's secret (`X-Board-Link`) shows; nobody needs to sign in."""
    return await api.shown(city, caller, word)


@get("/shown-board/cards/{number:int}", opt={"errors": (404, 413)}, summary="A card of the board of a link")
async def shown_card(
    city: NamedDependency[City], caller: NamedDependency[Caller], number: FromPath[int], word: _Word = None
) -> Answer:
    """What a card shows, counted from 0; screens of one link share an answer for five seconds."""
    return await api.shown_card(city, caller, word, number)


routes = (boards, make, board, change, drop, answer, links, link, unlink, shown, shown_card)
