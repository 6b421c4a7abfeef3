"""What there is of roles, parties, accounts and keys, for those who may know."""

from collections.abc import Iterable

from yong.kernel.access.contracts import Caller, Role
from yong.kernel.access.identity import listed
from yong.kernel.access.identity.listed import Account, Key, Party, Standing
from yong.kernel.access.policies import Policies
from yong.kernel.access.scope import allowed, authorize, signed_in
from yong.kernel.base.city import City
from yong.kernel.base.errors import NotFound
from yong.kernel.base.module import Page
from yong.kernel.base.text import Text
from yong.kernel.store.database import Database

_NO_ACCOUNT = Text("没有账户 {id}", "There is no account {id}")


def roles(city: City, caller: Caller) -> list[Role]:
    """Every role that modules declare, by name, for anybody who is signed in."""
    signed_in(caller)
    return sorted(city[Policies].roles.values(), key=lambda role: role.name)


def may(city: City, caller: Caller) -> list[str]:
    """What the caller may do at all, by permission: pages show what fits. Each door decides for itself, later."""
    asked: Iterable[tuple[str, str]] = (
        (permission.name, module.name)
        for module in city.registry.modules
        for permission in module.permissions
    )
    return sorted(name for name, module in asked if allowed(city, caller, name, module))


def pages(city: City, caller: Caller) -> list[tuple[str, Page]]:
    """The domains' own pages of the console that are for the caller, each with its module; what they show is asked again."""
    return [
        (module.name, page)
        for module, page in city.registry.of(Page)
        if allowed(city, caller, page.needs, page.of)
    ]


async def name(city: City, caller: Caller) -> str:
    """The caller's own user name; of the system's own work, its account."""
    account = await listed.account(city[Database], caller.account)
    return account.name if account else caller.account


async def names(city: City, caller: Caller, accounts: Iterable[str]) -> dict[str, str]:
    """The user names of accounts, by id: colleagues see each other's, whoever is nobody sees none."""
    signed_in(caller)
    return await listed.names(city[Database], accounts)


async def belongs(city: City, caller: Caller) -> list[str]:
    """The parties that the caller belongs to: its own, those it holds mandates within, and all above them."""
    homes = {m.party for m in caller.mandates if m.party is not None}
    return await listed.above(city[Database], homes | {caller.party} - {None})


async def party_names(city: City, caller: Caller, parties: Iterable[str]) -> dict[str, Text]:
    """What parties that have not ended are called, by id, for anybody who is signed in."""
    signed_in(caller)
    return await listed.party_names(city[Database], parties)


async def offices(city: City, caller: Caller, *, limit: int = 1000) -> dict[str, Text]:
    """What departments, districts and organisations are called, by id, for anybody who is signed in."""
    signed_in(caller)
    return await listed.offices(city[Database], limit)


async def parties(
    city: City, caller: Caller, *, text: str = "", within: str | None = None, limit: int = 1000
) -> list[Party]:
    """The tree of parties, or what is below one, parents first."""
    authorize(city, caller, "access.manage_parties", "access")
    return await listed.parties(city[Database], text, within, limit)


async def accounts(
    city: City, caller: Caller, *, text: str = "", after: str = "", limit: int = 1000
) -> list[Account]:
    """Accounts by name, for those who manage them; the next page begins after the last name."""
    authorize(city, caller, "access.manage_accounts", "access")
    return await listed.accounts(city[Database], text, after, limit)


async def account(city: City, caller: Caller, id: str) -> tuple[Account, list[Standing], list[Key]]:
    """One account, its mandates that stand, and its keys. Raises NotFound."""
    authorize(city, caller, "access.manage_accounts", "access")
    found = await listed.account(city[Database], id)
    if found is None:
        raise NotFound(_NO_ACCOUNT, id=id[:100])
    return found, await listed.mandates(city[Database], id), await listed.keys(city[Database], id)


async def keys(city: City, caller: Caller, *, everybody: bool = False) -> list[Key]:
    """The caller's own API keys; everybody's for those who manage accounts."""
    signed_in(caller)
    if everybody:
        authorize(city, caller, "access.manage_accounts", "access")
    return await listed.keys(city[Database], None if everybody else caller.account)
