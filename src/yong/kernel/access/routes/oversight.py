"""HTTP of the audit trail, policies and purposes."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from yong.kernel.access import api
from yong.kernel.access.api import Explanation
from yong.kernel.access.audit import Entry, Finding
from yong.kernel.access.contracts import Caller, Mandate, Purpose
from yong.kernel.access.policies import Policy
from yong.kernel.access.restored import Restore
from yong.kernel.base.city import City

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Asked = Annotated[str | None, QueryParameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]
_Path = Annotated[str, PathParameter(min_length=1, max_length=128, pattern="^[^\\x00]*$")]


class Verification(msgspec.Struct):
    """What a verification of the audit trail found."""

    sound: bool
    entries: int
    unsealed: int
    anchors: int
    findings: list[Finding]
    restores: list[Restore]


class NewPolicy(msgspec.Struct, forbid_unknown_fields=True):
    """A policy in Cedar."""

    cedar: Annotated[str, msgspec.Meta(max_length=20_000, pattern="^[^\\x00]*$")]
    active: bool = True


class PolicyText(msgspec.Struct, forbid_unknown_fields=True):
    """Cedar text to be checked."""

    cedar: Annotated[str, msgspec.Meta(max_length=20_000, pattern="^[^\\x00]*$")]


class Version(msgspec.Struct):
    """The version that a policy has now."""

    version: int


class Holding(msgspec.Struct, forbid_unknown_fields=True):
    """A mandate that somebody might hold: a role within a scope."""

    role: _Name
    party: _Id | None = None
    district: _Id | None = None
    own: bool = False


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Who could see what: an account (id or name) or a mandate, a Relation, an action, a purpose, a row's key."""

    relation: _Id
    account: _Id | None = None
    mandate: Holding | None = None
    action: _Name = "records.read"
    purpose: Annotated[str, msgspec.Meta(max_length=200, pattern="^[^\\x00]*$")] | None = None
    row: Annotated[dict[_Name, _Id], msgspec.Meta(max_length=16)] | None = None


@get("/audit", summary="The audit trail")
async def audit(
    city: NamedDependency[City],
    caller: NamedDependency[Caller],
    before: Annotated[int | None, QueryParameter(ge=1, le=(1 << 62))] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    account: _Asked = None,
    action: _Asked = None,
) -> list[Entry]:
    """Entries, newest first."""
    return await api.audit_entries(city, caller, before=before, limit=limit, account=account, action=action)


@get("/audit/verification", summary="Verify the audit trail")
async def verification(city: NamedDependency[City], caller: NamedDependency[Caller]) -> Verification:
    """Compute the whole chain again and compare it with its seals and anchors."""
    report = await api.verify_audit(city, caller)
    return Verification(
        report.sound, report.entries, report.unsealed, report.anchors, report.findings, report.restores
    )


@get("/policies", summary="Policies in force")
async def policies(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Policy]:
    """Every policy in force with its source, effect and Cedar text, for the security and audit administrators."""
    return await api.policies(city, caller)


@post("/policies/validation", status_code=200, summary="Check a policy")
async def check_policy(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[PolicyText]
) -> list[Policy]:
    """What a text would bring into force, checked as if it were stored; nothing changes."""
    return api.check_policy(city, caller, data.cedar)


@delete("/policies/{name:str}", status_code=200, summary="Withdraw a policy")
async def withdraw_policy(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Path
) -> Version:
    """Take a stored policy out of force; its versions stay on record."""
    return Version(await api.withdraw_policy(city, caller, name))


@get("/purposes", summary="Purposes of processing")
async def purposes(city: NamedDependency[City], caller: NamedDependency[Caller]) -> list[Purpose]:
    """What `X-Purpose` may say, with the legal basis of each."""
    return api.purposes(city, caller)


@put("/policies/{name:str}", summary="Set a policy")
async def set_policy(
    city: NamedDependency[City], caller: NamedDependency[Caller], name: _Path, data: JSONBody[NewPolicy]
) -> Version:
    """Put a policy into force, as a new version, or take it out of force."""
    return Version(await api.set_policy(city, caller, name, data.cedar, data.active))


@post("/policies/simulation", status_code=200, opt={"errors": (404,)}, summary="Who can see this, and why")
async def simulate(
    city: NamedDependency[City], caller: NamedDependency[Caller], data: JSONBody[Question]
) -> Explanation:
    """What an account, or whoever held a mandate, could see of a Relation, and which policies say so."""
    held = data.mandate
    mandate = (
        Mandate(id="simulated", role=held.role, party=held.party, district=held.district, own=held.own)
        if held
        else None
    )
    return await api.simulate(
        city,
        caller,
        relation=data.relation,
        account=data.account,
        mandate=mandate,
        action=data.action,
        purpose=data.purpose,
        row=data.row,
    )


routes = (audit, verification, policies, check_policy, set_policy, withdraw_policy, simulate, purposes)
