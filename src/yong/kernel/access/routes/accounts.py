"""HTTP of parties, accounts, mandates, keys, credentials and links to a provider's identities."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from yong.kernel.access import api
from yong.kernel.access.contracts import Caller, Kind, Role, Way
from yong.kernel.access.identity import listed
from yong.kernel.access.identity.listed import Account, Party, Standing
from yong.kernel.access.openid.links import Link
from yong.kernel.base.city import City

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Asked = Annotated[str | None, QueryParameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Path = Annotated[str, PathParameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """An account to be made."""

    name: _Name
    party: _Id | None = None


class MadeAccount(msgspec.Struct):
    """A new account and its one-time password, shown once."""

    id: str
    password: str


class NewLink(msgspec.Struct, forbid_unknown_fields=True):
    """A provider's subject (`sub`) and an account; `issuer` where it is not the configured one."""

    account: _Id
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern="^[^\\x00]*$")]
    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern="^[^\\x00]*$")] | None = None


class NewParty(msgspec.Struct, forbid_unknown_fields=True):
    """A party to be put into the tree."""

    id: _Id
    kind: Kind
    zh: _Name
    en: _Name
    parent: _Id | None = None


class PartyName(msgspec.Struct, forbid_unknown_fields=True):
    """What a party is called."""

    zh: _Name
    en: _Name


class AccountInFull(msgspec.Struct):
    """An account, its mandates that stand, its keys."""

    account: Account
    mandates: list[Standing]
    keys: list[listed.Key]


class NewMandate(msgspec.Struct, forbid_unknown_fields=True):
    """A mandate to be given; no scope means the whole city."""

    account: _Id
    role: _Name
    party: _Id | None = None
    district: Annotated[str, msgspec.Meta(pattern="^[0-9]{2,15}$")] | None = None
    own: bool = False
    until: date | None = None


class Made(msgspec.Struct):
    """The id of what was made."""

    id: str


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """An API key to be made, with some of the caller's roles."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
    roles: Annotated[list[_Name], msgspec.Meta(min_length=1, max_length=50)]
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 600
    per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)] = 100_000
    days: Annotated[int, msgspec.Meta(ge=1, le=730)] = 365


class NewProofing(msgspec.Struct, forbid_unknown_fields=True):
    """That the holder of an account, by its user name, was proved by a way."""

    name: _Name
    method: Way


class ProofingMade(msgspec.Struct):
    """The level that the account is on now, 0 to 3."""

    level: int


class Key(msgspec.Struct):
    """An API key, shown once."""

    key: str


class ThingList(msgspec.Struct, forbid_unknown_fields=True):
    """Things that need credentials."""

    things: Annotated[list[_Id], msgspec.Meta(min_length=1, max_length=100_000)]


class Credentials(msgspec.Struct):
    """Tokens by thing, shown once."""

    tokens: dict[str, str]


@get("/roles", summary="Roles")
async def roles(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Role]:
    """Every role that there is: its title, whether it needs a second factor, which of the three administrations it is."""
    return api.roles(city, caller)


@get("/accounts", summary="Accounts")
async def accounts(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    text: _Asked = None,
    after: _Asked = None,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1000,
) -> list[Account]:
    """Accounts by name, for those who manage them. `text` is a part of the name or of the party's; the next page begins
    `after` the last name.
    """
    return await api.accounts(city, caller, text=text or "", after=after or "", limit=limit)


@get("/accounts/{id:str}", summary="An account")
async def account(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> AccountInFull:
    """An account with its mandates that stand and its keys."""
    return AccountInFull(*await api.account(city, caller, id))


@post("/accounts", opt={"errors": (404,)}, summary="Make an account")
async def create_account(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewAccount]
) -> MadeAccount:
    """A new account with a one-time password."""
    return MadeAccount(*await api.create_account(city, caller, data.name, data.party))


@post("/accounts/{id:str}/reset", status_code=200, summary="A new one-time password")
async def reset(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> MadeAccount:
    """Give an account a new one-time password; its second factor is enrolled anew."""
    return MadeAccount(id, await api.reset_account(city, caller, id))


@post("/accounts/{id:str}/disable", status_code=204, summary="Disable an account")
async def disable(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Disable an account; its sessions end at once."""
    await api.disable_account(city, caller, id)


@post("/accounts/{id:str}/enable", status_code=204, summary="Enable a disabled account")
async def enable(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Let a disabled account sign in again, with the password, second factor, mandates and keys it had."""
    await api.enable_account(city, caller, id)


@get("/accounts/links", summary="Identities of the OpenID provider")
async def links(
    city: NamedDependency[City], caller: NamedDependency[Caller], account: _Asked = None
) -> list[Link]:
    """Which of the provider's subjects signs in to which account."""
    return await api.links(city, caller, account)


@post("/accounts/links", opt={"errors": (404,)}, summary="Link an identity to an account")
async def link(city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewLink]) -> Made:
    """Let a subject of the OpenID provider sign in to an account that is not one's own."""
    return Made(await api.link(city, caller, data.account, data.subject, data.issuer))


@delete("/accounts/links/{id:str}", summary="Take a link away")
async def unlink(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Unlink an identity; the sessions that it opened end at once."""
    await api.unlink(city, caller, id)


@get("/parties", summary="Parties")
async def parties(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    text: _Asked = None,
    within: _Asked = None,
    limit: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1000,
) -> list[Party]:
    """The tree of parties, parents first; `within` one, or with `text` in their id or a name."""
    return await api.parties(city, caller, text=text or "", within=within, limit=limit)


@put("/parties/{id:str}", status_code=204, summary="Rename a party")
async def rename_party(
    city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path, data: JSONBody[PartyName]
) -> None:
    """Give a party other names; its id stays."""
    await api.rename_party(city, caller, id, zh=data.zh, en=data.en)


@delete("/parties/{id:str}", summary="End a party")
async def end_party(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Take a party out of use; 409 while accounts, mandates or other parties depend on it."""
    await api.end_party(city, caller, id)


@post("/parties", status_code=204, opt={"errors": (404,)}, summary="Put a party into the tree")
async def create_party(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewParty]
) -> None:
    """A department, district, organisation, person or application."""
    await api.create_party(
        city, caller, id=data.id, kind=data.kind.value, zh=data.zh, en=data.en, parent=data.parent
    )


@post("/mandates", opt={"errors": (404,)}, summary="Give a mandate")
async def grant(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewMandate]
) -> Made:
    """A role within a scope, for somebody else than oneself."""
    return Made(
        await api.grant(
            city,
            caller,
            data.account,
            data.role,
            party=data.party,
            district=data.district,
            own=data.own,
            until=data.until,
        )
    )


@delete("/mandates/{id:str}", summary="Take a mandate back")
async def revoke(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Take a mandate back, at once."""
    await api.revoke(city, caller, id)


@post("/proofings", status_code=200, opt={"errors": (404,)}, summary="Prove a resident's identity")
async def prove_identity(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewProofing]
) -> ProofingMade:
    """Note how it was checked who an account's holder is (实名); `withdrawn` takes it back."""
    return ProofingMade(await api.prove_identity(city, caller, data.name, data.method))


@get("/keys", summary="API keys")
async def keys(
    city: NamedDependency[City], caller: NamedDependency[Caller], everybody: FromQuery[bool] = False
) -> list[listed.Key]:
    """One's own API keys; everybody's for those who manage accounts. The secrets are not kept."""
    return await api.keys(city, caller, everybody=everybody)


@post("/keys", opt={"errors": (404,)}, summary="Make an API key")
async def issue_key(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[NewKey]
) -> Key:
    """An API key of one's own, with scope, quota and term."""
    return Key(
        await api.issue_key(
            city,
            caller,
            data.title,
            data.roles,
            per_minute=data.per_minute,
            per_day=data.per_day,
            days=data.days,
        )
    )


@delete("/keys/{id:str}", summary="Revoke an API key")
async def revoke_key(city: NamedDependency[City], caller: NamedDependency[Caller], id: _Path) -> None:
    """Revoke a key, at once."""
    await api.revoke_key(city, caller, id)


@post("/credentials", opt={"errors": (404,)}, summary="Credentials for things")
async def issue_credentials(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[ThingList]
) -> Credentials:
    """A fresh token for each thing."""
    return Credentials(await api.issue_credentials(city, caller, data.things))


@delete("/credentials/{thing:str}", summary="Revoke a thing's credentials")
async def revoke_credentials(
    city: NamedDependency[City], caller: NamedDependency[Caller], thing: _Path
) -> None:
    """Revoke every token of a thing; a live connection is cut."""
    await api.revoke_credentials(city, caller, thing)


routes = (
    roles,
    accounts,
    account,
    create_account,
    reset,
    disable,
    enable,
    links,
    link,
    unlink,
    parties,
    create_party,
    rename_party,
    end_party,
    grant,
    revoke,
    prove_identity,
    keys,
    issue_key,
    revoke_key,
    issue_credentials,
    revoke_credentials,
)
