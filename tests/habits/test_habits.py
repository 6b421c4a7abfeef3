"""What holds for the whole tree: labels, documentation, authorization of every operation, borders."""

import ast
import importlib
import importlib.util
import inspect
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from yong.app import bootstrap
from yong.app.http.front import Front
from yong.app.http.openapi import openapi
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Role
from yong.kernel.base import errors
from yong.kernel.base import settings as base_settings
from yong.kernel.base.city import City
from yong.kernel.base.relation import Level, Relation
from yong.kernel.records.logic import relations

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = bootstrap.registry(base_settings.load({"YONG_HOME": "/nonexistent"}))
RELATIONS = {r.name: r for _, r in REGISTRY.of(Relation)} | {r.name: r for r, _ in relations(REGISTRY)}


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_every_field_is_labelled_and_none_is_core(name: str) -> None:
    for field in RELATIONS[name].fields:
        assert field.level in Level
        assert field.level is not Level.CORE
        assert field.personal is not None
        assert field.meaning.zh.strip(), field.name
        assert field.meaning.en.strip(), field.name


def tree(kind: type) -> set[type]:
    return {kind} | {x for sub in kind.__subclasses__() for x in tree(sub)}


def test_every_error_code_has_its_remedy_in_the_docs() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    for kind in tree(errors.YongError):
        assert f"| `{kind.code}` | " in page, kind


def test_every_setting_is_described_in_both_languages() -> None:
    for name, about, _ in base_settings.described():
        assert about.meaning.zh, name
        assert about.meaning.en, name


DOORS = [
    importlib.import_module(f"{module.package}.api")
    for module in REGISTRY.modules
    if importlib.util.find_spec(f"{module.package}.api")
]


def functions(door: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public functions of a door, also those that other files of its package define."""
    package = door.__name__.rpartition(".")[0]
    for name, function in inspect.getmembers(door, inspect.isfunction):
        told = name in door.__all__ if hasattr(door, "__all__") else function.__module__ == door.__name__
        if told and not name.startswith("_") and f"{function.__module__}.".startswith(f"{package}."):
            yield f"{door.__name__}.{name}", inspect.unwrap(function)


def test_every_module_with_routes_has_a_door() -> None:
    assert {d.__name__.split(".")[-2] for d in DOORS} >= {
        *("access", "context", "geo", "history", "records", "search", "sensing", "environment"),
    }
    for module in REGISTRY.modules:
        if importlib.util.find_spec(f"{module.package}.routes"):
            assert f"{module.package}.api" in {d.__name__ for d in DOORS}


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.__name__)
def test_every_function_of_a_door_is_documented(door: ModuleType) -> None:
    for name, function in functions(door):  # an empty domain has none yet
        assert inspect.getdoc(function), name


# Functions of a door that take no Caller. The list may only shrink.
WITHOUT_CALLER = {
    f"yong.kernel.{name}"
    for name in (
        # they find out who is calling, from a credential
        *("access.api.caller_of", "access.api.system_caller", "access.api.standing"),
        "access.api.caller_again",
        "access.api.turn_of",
        *("access.api.verify_device", "access.api.verify_devices"),
        # the law's own parts: entries name their callers, a scope was made for one
        *("access.api.audit_of", "access.api.over"),
        # an install's own life: opening, the first administrators, background work
        *("access.api.open_parts", "access.api.first_run", "access.api.listening", "access.api.keep_sealing"),
        *("access.api.revoked_since", "records.api.open_parts", "context.api.open_parts"),
        *("search.api.open_parts", "search.api.keep_indexing"),
        "documents.api.open_parts",
        *(
            "context.api.keep_notifying",
            "context.api.forget_notifications",
            "context.api.settle",
            "context.api.end_streams",
            "context.api.is_record",
        ),
        *("history.api.open_parts", "indicators.api.open_parts", "messaging.api.open_parts"),
        *("sensing.api.open_parts", "sensing.api.keep_door", "sensing.api.keep_listening"),
        *("sensing.api.keep_reading_ais", "sensing.api.keep_writing"),
        # declarations and numbers that say nothing of anybody
        *("records.api.relation", "records.api.is_table", "history.api.micros", "sensing.api.totals"),
    )
}


def test_the_functions_without_caller_are_there() -> None:
    found = {name for door in DOORS for name, _ in functions(door)}
    assert found >= WITHOUT_CALLER
    assert len(found - WITHOUT_CALLER) > 60


@pytest.mark.parametrize("door", DOORS, ids=lambda d: d.__name__)
def test_every_function_of_a_door_takes_a_caller_and_asks_the_law(door: ModuleType) -> None:
    for name, function in functions(door):
        if name in WITHOUT_CALLER:
            continue
        assert "caller" in inspect.signature(function).parameters, name
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        used = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "caller"]
        assert used, f"{name} takes a caller and does not look at it"


def test_every_role_is_named_in_both_languages() -> None:
    for module, role in REGISTRY.of(Role):
        assert role.name.startswith(f"{module.name}."), role
        assert role.title.zh, role
        assert role.title.en, role


def test_every_policy_says_in_both_languages_what_it_is_for() -> None:
    for file in sorted((ROOT / "src").rglob("*.cedar")):
        text = re.sub(r"//.*", "", file.read_text("utf-8"))
        written = len(re.findall(r"^(?:permit|forbid)\b", text, re.M))
        said = re.findall(r'^@id\("[\w.-]+"\) @zh\("[^"]+"\) @en\("[^"]+"\)\n(?:permit|forbid)\b', text, re.M)
        assert len(said) == written > 0, file


def test_no_registry_address_and_no_path_of_a_machine_is_tracked() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hosts = re.compile("(py" + "pi|python" + r"hosted|npm" + r"js)\.(org|com)")
    for name in files.splitlines():
        path = ROOT / name
        assert not path.is_symlink(), name
        text = path.read_bytes()
        assert not hosts.search(text.decode("utf-8", "ignore")), name
        assert b"/wo" + b"rk/" not in text, name


# What anybody may ask: it may only shrink. Everything else answers 401 to nobody and 403 to nobody in particular.
OPEN = {
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/metrics"),
    ("get", "/status.json"),
    ("post", "/session"),
    ("post", "/session/password"),
    *(
        ("get", f"/open311/v2/{name}")
        for name in ("discovery", "services", "services/{service_code}", "requests")
    ),
    *(("get", f"/open311/v2/{name}") for name in ("requests/{service_request_id}", "tokens/{token}")),
    ("post", "/open311/v2/requests"),  # where the city lets anybody; else a key is asked for, in the form
    ("get", "/records"),  # lists what the caller may read, for nobody the open data
    ("get", "/environment/stations"),
    ("get", "/environment/stations/{code}"),
    ("get", "/environment/aqi"),
    (
        "post",
        "/cityops/nearby",
    ),  # class, state and rounded place of open cases, as the portal tells of reports
    ("get", "/openapi.json"),  # tells of the API, as docs/reference/openapi does, and of no data
    # the directory of the OGC APIs; the collections are those that the caller may read, for nobody the open data
    ("get", "/ogc"),
    ("get", "/ogc/conformance"),
    ("get", "/ogc/collections"),
    ("get", "/ogc/tileMatrixSets"),
    ("get", "/ogc/tileMatrixSets/{tile_matrix_set_id}"),
}
# For whoever is signed in, about themselves or about nobody.
OWN = {
    ("get", "/session"),
    ("delete", "/session"),
    ("post", "/session/token"),
    ("post", "/session/factor"),
    ("post", "/session/factor/confirm"),
    ("post", "/session/openid"),  # takes the cookie of a sign-in under way
    ("get", "/purposes"),
    ("get", "/geo/systems"),
    ("post", "/geo/convert"),
    ("get", "/sensing/types"),
    ("get", "/roles"),
    ("get", "/keys"),
    ("get", "/shown-board"),  # its caller is whoever holds the secret of a link
    ("get", "/shown-board/cards/{number}"),
}
_EXAMPLES = {"relation": "sensing.thing", "name": "x", "code": "x", "collection_id": "geo.boundary"}


async def test_every_operation_authorizes(city: City, client: httpx.AsyncClient) -> None:
    front = Front(city.settings, city)
    assert front.app is not None
    document = openapi(front.app)
    seen: set[tuple[str, str]] = set()
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            seen.add((verb, path))
            if (verb, path) in OPEN:
                continue
            url = path
            for name in re.findall(r"\{(\w+)\}", path):
                url = url.replace(f"{{{name}}}", _example(name, operation))
            answer = await client.request(
                verb, url, json=_body(operation, document), params=_query(operation)
            )
            assert answer.status_code == 401, (verb, path, answer.status_code, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    assert seen >= OPEN, OPEN - seen
    assert seen >= OWN


async def test_every_operation_refuses_whoever_has_no_mandate(city: City, client: httpx.AsyncClient) -> None:
    """Signed in and nothing more: what is neither open nor about oneself is forbidden, or is as if it were not there."""
    system = access.system_caller("access")
    _, word = await access.create_account(
        city, system, "nobody-in-particular", password="a very long password"
    )
    token, _ = await identity.sign_in(city, "nobody-in-particular", word, None, "test")
    front = Front(city.settings, city)
    assert front.app is not None
    document = openapi(front.app)
    refused = 0
    wrong: dict[tuple[str, str], tuple[int, str]] = {}
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            if (verb, path) in OPEN | OWN:
                continue
            url = path
            for name in re.findall(r"\{(\w+)\}", path):
                url = url.replace(f"{{{name}}}", _example(name, operation))
            answer = await client.request(
                verb, url, json=_body(operation, document), params=_query(operation),
                headers={"cookie": f"yong_session={token}"},
            )  # fmt: skip
            if answer.status_code not in _refusals(verb, path):
                wrong[verb, path] = answer.status_code, answer.text[:200]
            refused += 1
    assert not wrong, sorted((*k, v[0]) for k, v in wrong.items())
    assert refused > 60


def _refusals(verb: str, path: str) -> tuple[int, ...]:
    """How an operation may refuse. Open records are entities that anybody may read: there are none in this city,
    and what is not open is as if it were not there.
    """
    if path.startswith("/ngsi-ld/v1/") and (verb == "get" or path.endswith("/entityOperations/query")):
        return (200, 403, 404)
    return (403, 404) if (verb, path) in HIDDEN else (403,)


# What answers that it is not there, rather than that it may not be touched: a key of somebody else's.
HIDDEN = {("delete", "/keys/{id}")}


def _query(operation: dict[str, Any]) -> dict[str, str]:
    return {
        p["name"]: "1" for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")
    }


def _example(name: str, operation: dict[str, Any]) -> str:
    schema = next(p["schema"] for p in operation["parameters"] if p["name"] == name)
    return "1" if schema.get("type") == "integer" else _EXAMPLES.get(name, "x")


def _body(operation: dict[str, Any], document: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return _value(content["schema"], document) if content else None


def _value(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """A value that fits a schema, as small as possible."""
    if "$ref" in schema:
        return _value(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "enum" in schema:
        return schema["enum"][0]
    for choice in schema.get("oneOf", []) + schema.get("anyOf", []):
        return _value(choice, document)
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        return {
            name: _value(schema["properties"][name], document)
            for name in wanted
            if name in schema.get("properties", {})
        }
    if kind == "array":
        return [_value(schema["items"], document)] * max(1, schema.get("minItems", 0))
    return {"integer": 1, "number": 1.0, "boolean": True}.get(
        str(kind), "x" * max(1, schema.get("minLength", 0))
    )
