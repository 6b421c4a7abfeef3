"""What administrators look through: roles, parties, accounts with their mandates, keys; and what a page may show whom."""

import httpx
import pytest
from tests.conftest import key_of

from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden
from yong.kernel.base.module import Module, Page, Registry
from yong.kernel.base.text import Text

SYSTEM = access.system_caller("access")


@pytest.fixture
async def keeper(city: City) -> dict[str, str]:
    return await key_of(city, "access.security_admin")


@pytest.fixture
async def officer(city: City) -> dict[str, str]:
    return await key_of(city, "access.operator")


async def somebody(city: City, name: str, party: str | None = None) -> str:
    id_, _ = await access.create_account(city, SYSTEM, name, party=party, password="a very long password")
    return id_


async def test_a_page_shows_whom_it_serves_and_what_they_may(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], officer: dict[str, str]
) -> None:
    me = (await client.get("/session", headers=keeper)).json()
    assert me["name"].startswith("somebody-")
    assert {"access.grant", "access.manage_accounts", "access.simulate"} <= set(me["may"])
    assert not {"access.read_audit", "access.operate", "sensing.command"} & set(me["may"])
    other = (await client.get("/session", headers=officer)).json()
    assert "sensing.command" in other["may"]
    assert "access.grant" not in other["may"]


async def test_a_domains_page_is_listed_for_whom_it_is(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], officer: dict[str, str]
) -> None:
    """What a page needs is asked of the law: open data is for everybody, the rest for whose roles permit it."""
    law = Page(
        name="law", title=Text("法", "Law"), component="L.vue", needs="access.read_policies", of="access"
    )
    module = Module(name="lawful", package="lawful", title=Text("法", "Law"), declares=(law,))
    before, city.registry = city.registry, Registry((*city.registry.modules, module))
    try:
        mine = (await client.get("/session", headers=keeper)).json()["pages"]
        other = (await client.get("/session", headers=officer)).json()["pages"]
    finally:
        city.registry = before
    assert [(p["module"], p["name"]) for p in mine] == [("environment", "air"), ("lawful", "law")]
    assert [(p["module"], p["name"]) for p in other] == [("cityops", "scores"), ("environment", "air")]
    assert mine[0]["title"] == {"zh": "空气质量", "en": "Air quality"}


async def test_roles_are_told_to_whoever_is_signed_in(
    city: City, client: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    assert (await client.get("/roles")).status_code == 401
    roles = {r["name"]: r for r in (await client.get("/roles", headers=officer)).json()}
    assert roles["access.audit_admin"]["administration"] == "audit"
    assert roles["access.operator"]["title"] == {"zh": "运行中心值班员", "en": "Operations centre"}
    assert roles["access.resident"]["staff"] is False


async def test_accounts_are_found_by_name_and_party_page_by_page(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], officer: dict[str, str]
) -> None:
    await access.create_party(city, SYSTEM, id="parks", kind="department", zh="园林局", en="Parks")
    for name in ("li.ming", "li.na", "wang.wei"):
        await somebody(city, name, "parks" if name != "li.na" else None)
    assert (await client.get("/accounts", headers=officer)).status_code == 403

    async def names(**query: str) -> list[str]:
        found = await client.get("/accounts", headers=keeper, params=query)
        assert found.status_code == 200, found.text
        return [a["name"] for a in found.json()]

    assert await names(text="LI.") == ["li.ming", "li.na"]
    assert await names(text="园林") == ["li.ming", "wang.wei"]
    assert await names(text="parks", limit="1") == ["li.ming"]
    assert await names(text="parks", after="li.ming") == ["wang.wei"]
    assert (await client.get("/accounts", headers=keeper, params={"limit": "0"})).status_code == 400
    [first, *_] = (await client.get("/accounts", headers=keeper, params={"text": "li.ming"})).json()
    assert first["party_name"] == {"zh": "园林局", "en": "Parks"}
    assert first["roles"] == []


async def test_an_account_is_shown_with_its_mandates_and_keys_and_no_secret(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], officer: dict[str, str]
) -> None:
    id_ = await somebody(city, "zhang.san")
    mandate = await access.grant(city, SYSTEM, id_, "access.operator", district="330203")
    gone = await access.grant(city, SYSTEM, id_, "sensing.engineer")
    await access.revoke(city, SYSTEM, gone)
    own = await identity.caller_as(city, id_)
    word = await access.issue_key(city, own, "dashboards", ["access.operator"])
    shown = (await client.get(f"/accounts/{id_}", headers=keeper)).json()
    assert [m["id"] for m in shown["mandates"]] == [mandate]
    assert shown["mandates"][0]["granted_by"] == "module:access"
    assert shown["account"]["roles"] == ["access.operator"]
    [key] = shown["keys"]
    assert (key["title"], key["account_name"], key["used_today"]) == ("dashboards", "zhang.san", 0)
    assert word not in str(shown)
    assert word.rpartition("_")[2] not in str(shown)
    assert (await client.get("/accounts/nobody", headers=keeper)).status_code == 404
    assert (await client.get(f"/accounts/{id_}", headers=officer)).status_code == 403

    mine = (await client.get("/keys", headers={"x-api-key": word})).json()
    assert [k["id"] for k in mine] == [key["id"]]
    everybody = {"everybody": "true"}
    assert (await client.get("/keys", headers={"x-api-key": word}, params=everybody)).status_code == 403
    every = (await client.get("/keys", headers=keeper, params=everybody)).json()
    assert {"dashboards", "tests"} <= {k["title"] for k in every}
    assert next(k for k in every if k["id"] == key["id"])["used_today"] > 0
    assert (await client.delete(f"/keys/{key['id']}", headers=keeper)).status_code == 204
    assert (await client.get("/keys", headers={"x-api-key": word})).status_code == 401


async def test_a_party_is_renamed_and_ends_once_nobody_depends_on_it(
    city: City, client: httpx.AsyncClient, keeper: dict[str, str], officer: dict[str, str]
) -> None:
    for id_, parent in (("roads", None), ("bridges", "roads")):
        made = await client.post(
            "/parties", headers=keeper,
            json={"id": id_, "kind": "department", "zh": id_, "en": id_, "parent": parent},
        )  # fmt: skip
        assert made.status_code == 204, made.text
    name = {"zh": "桥梁处", "en": "Bridge division"}
    assert (await client.put("/parties/bridges", headers=officer, json=name)).status_code == 403
    assert (await client.put("/parties/tunnels", headers=keeper, json=name)).status_code == 404
    assert (
        await client.put("/parties/bridges", headers=keeper, json={"zh": "", "en": "x"})
    ).status_code == 400
    assert (await client.put("/parties/bridges", headers=keeper, json=name)).status_code == 204
    tree = (await client.get("/parties", headers=keeper, params={"within": "roads"})).json()
    assert [(p["id"], p["parent"], p["ended"]) for p in tree] == [
        ("roads", None, False),
        ("bridges", "roads", False),
    ]
    assert tree[1]["name"] == name
    assert (await client.get("/parties", headers=officer)).status_code == 403

    account = await somebody(city, "chen", "bridges")
    mandate = await access.grant(city, SYSTEM, account, "access.department_officer", party="bridges")
    for left in ("1 个下级主体", "1 个账户", "1 项授权"):
        target = "roads" if "主体" in left else "bridges"
        refused = await client.delete(f"/parties/{target}", headers=keeper | {"accept-language": "zh"})
        assert refused.status_code == 409
        assert left in refused.json()["detail"]
    await access.revoke(city, SYSTEM, mandate)
    await access.disable_account(city, SYSTEM, account)
    assert (await client.delete("/parties/bridges", headers=keeper)).status_code == 204
    assert (await client.delete("/parties/bridges", headers=keeper)).status_code == 404
    assert (await client.delete("/parties/roads", headers=keeper)).status_code == 204
    late = {"id": "ramps", "kind": "department", "zh": "匝道", "en": "Ramps", "parent": "roads"}
    assert (await client.post("/parties", headers=keeper, json=late)).status_code == 404
    for path, body in (
        ("/accounts", {"name": "too.late", "party": "bridges"}),
        ("/mandates", {"account": account, "role": "access.department_officer", "party": "bridges"}),
    ):
        assert (await client.post(path, headers=keeper, json=body)).status_code == 404, path
    done = [e.action for e in await access.audit_entries(city, SYSTEM, limit=20)]
    assert {"access.rename_party", "access.end_party"} <= set(done)


async def test_nobody_else_asks_for_everybodys(city: City) -> None:
    caller = Caller(account="a", factors=frozenset({"totp"}))
    for asked in (
        access.accounts(city, caller),
        access.parties(city, caller),
        access.account(city, caller, "a"),
    ):
        with pytest.raises(Forbidden):
            await asked
