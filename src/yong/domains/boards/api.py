"""The only door of boards: every function takes the City and the Caller, and authorizes first."""

from collections.abc import Sequence

from yong.domains.boards import service, store
from yong.domains.boards.contracts import Answer, Board, BoardLink, Card, Listed, Shared, Shown
from yong.domains.boards.service import Answers
from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound


async def boards(city: City, caller: Caller) -> list[Listed]:
    """The caller's own boards and those shared with them, at most 500; one's own first, the newest first."""
    access.authorize(city, caller, "boards.read", "boards")
    return await service.listed(city, caller)


async def board(city: City, caller: Caller, id: str) -> Board:
    """One board. Raises NotFound where there is none that the caller may see."""
    access.authorize(city, caller, "boards.read", "boards")
    return await service.one(city, caller, id)


async def make(city: City, caller: Caller, title: str, shared: Shared, cards: Sequence[Card]) -> str:
    """A new board; its id. Raises Invalid with every problem, Conflict where an account has a hundred."""
    access.authorize(city, caller, "boards.keep", "boards")
    return await service.make(city, caller, title, shared, cards)


async def change(
    city: City, caller: Caller, id: str, version: int, title: str, shared: Shared, cards: Sequence[Card]
) -> int:
    """Change a board of one's own; its new version. Raises Stale when it is not at `version` any more."""
    access.authorize(city, caller, "boards.keep", "boards")
    return await service.change(city, caller, id, version, title, shared, cards)


async def drop(city: City, caller: Caller, id: str) -> None:
    """Delete a board of one's own, and its links."""
    access.authorize(city, caller, "boards.keep", "boards")
    await service.drop(city, caller, id)


async def answer(city: City, caller: Caller, card: Card) -> Answer:
    """What a card shows, as the caller may see it. Raises what reading its parts raises."""
    access.authorize(city, caller, "boards.read", "boards")
    return await service.answer(city, caller, card)


async def links(city: City, caller: Caller, board: str) -> list[BoardLink]:
    """The links to a board of one's own that are good."""
    access.authorize(city, caller, "boards.keep", "boards")
    return await service.links(city, caller, board)


async def link(city: City, caller: Caller, board: str, title: str, days: int) -> tuple[BoardLink, str]:
    """A new link to a board of one's own, and its secret, which is told only now."""
    access.authorize(city, caller, "boards.keep", "boards")
    return await service.link(city, caller, board, title, days)


async def unlink(city: City, caller: Caller, board: str, id: str) -> None:
    """Revoke a link: from the next question on it shows nothing."""
    access.authorize(city, caller, "boards.keep", "boards")
    await service.unlink(city, caller, board, id)


async def shown(city: City, caller: Caller, word: str | None) -> Shown:
    """The board that a link shows. Raises Unauthenticated for a secret that is not, or no longer, good."""
    access.authorize(city, caller, "boards.show", "boards")
    row, _ = await service.behind(city, word, caller.language)
    return Shown(
        title=row["title"], cards=store.cards_of(row["cards"]), version=row["version"], until=row["until"]
    )


async def shown_card(city: City, caller: Caller, word: str | None, number: int) -> Answer:
    """What a card of such a board shows, as the link's maker may see it. Raises Unauthenticated, NotFound."""
    access.authorize(city, caller, "boards.show", "boards")
    row, maker = await service.behind(city, word, caller.language)
    cards = store.cards_of(row["cards"])
    if not 0 <= number < len(cards):
        raise NotFound
    key = (row["link"], row["version"], number, maker.language, maker.mandates)
    return await city.part(Answers).shared(key, lambda: service.answer(city, maker, cards[number]))
