"""The OpenAPI document is held against the running front by Schemathesis, as several callers with real keys.

What it describes must be what is answered: no 5xx, no status, media type or body that is not described, no
refusal of what fits, no acceptance of what does not. Cases are made once, from a fixed seed, and sent by
everybody in turn. `YONG_TEST_CASES=200` makes the longer run (cases an operation, each way).
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks
from tests.conftest import key_of

from yong.app import bootstrap
from yong.app.http.application import create_app
from yong.app.http.openapi import openapi
from yong.kernel.access.api import system_caller
from yong.kernel.access.policies import Policies
from yong.kernel.base import clock
from yong.kernel.base.city import City
from yong.kernel.base.settings import load
from yong.kernel.documents.media import MEDIA
from yong.kernel.records import api as records
from yong.kernel.search.indexing import Keeper
from yong.kernel.sensing import api as sensing
from yong.kernel.sensing.contracts import Incoming

CASES = int(os.environ.get("YONG_TEST_CASES", "2"))
CALLERS = (
    "anonymous",
    "access.operator",
    "access.department_officer",
    "sensing.engineer",
    "context.provider",
    "access.audit_admin",
    "access.security_admin",
)
ENDLESS = "GET /live/entities"  # asked for what was missed alone, a stream ends
PLACE = {"type": "Point", "coordinates": [121.55, 29.87]}
# What there is to be found; random names find nothing.
THERE = {"relation": ["environment.station", "sensing.thing", "environment.station_now", "context.entity_now"],
         "collection_id": ["geo.boundary", "context.environment.air_station"],
         "id": ["s-1"], "thing": ["s-1"], "entity_id": ["s-1", "urn:yong:s-1"], "code": ["s-1"]}  # fmt: skip
CHECKS: list[CheckFunction] = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]

# Bodies that are bytes as they are.
schemathesis.serializer.alias(["application/offset+octet-stream", *MEDIA], "application/octet-stream")


def document() -> dict[str, Any]:
    settings_ = load({"YONG_HOME": "/nonexistent"})
    registry = bootstrap.registry(settings_)
    city = City(settings_, registry)
    city.put(Policies, Policies(registry))
    return openapi(create_app(city))


def made(schema: BaseSchema, mode: GenerationMode) -> Iterator[Case]:
    for result in schema.get_all_operations():
        try:
            yield from drawn(result.ok().as_strategy(generation_mode=mode))
        except Unsatisfiable:
            continue  # an operation that takes nothing cannot be given anything wrong


def drawn(strategy: SearchStrategy[Case]) -> list[Case]:
    found: list[Case] = []

    @seed(20260731)
    @settings(
        max_examples=CASES, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    schema = schemathesis.openapi.from_dict(document())
    good = list(made(schema, GenerationMode.POSITIVE))
    for number, case in enumerate(good):
        for name, values in THERE.items():
            if number % 3 and name in (case.path_parameters or {}):
                case.path_parameters[name] = values[number % len(values)]
    bad = list(made(schema, GenerationMode.NEGATIVE))
    for case in (*good, *bad):
        # What is wrong with a case may stand elsewhere, and then it would be answered for as long as it says.
        if case.operation.label == ENDLESS and str((case.query or {}).get("seconds", 1)).isdigit():
            case.query = {**(case.query or {}), "seconds": 0}
    return good + bad


@pytest.fixture
async def populated(city: City) -> City:
    """A city with something to find: a station that reports, a record with a past, a dead letter."""
    names = {"name_zh": "一站", "name_en": "Station one"}
    for module, relation, values in (
        ("sensing", "sensing.thing", {"code": "s-1", "type": "environment.air_station", "source": "live"}),
        ("environment", "environment.station", {"code": "s-1", "kind": "air"}),
    ):
        await records.create(
            city, system_caller(module), relation, {**values, **names, "location": PLACE},
            owner="environment", district="330203",
        )  # fmt: skip
    await Keeper(city).open()  # an index, whose writer goes at once
    now = clock.micros(clock.now())
    good, bad = b'[{"n":"pm25","v":12}]', b"rubbish"
    await sensing.report_many(
        city, system_caller("sensing"), [Incoming("senml", "s-1", word, now) for word in (good, bad)]
    )
    index = Keeper(city)
    await index.open()
    index.let_go()
    return city


async def key_for(city: City, role: str) -> dict[str, str]:
    if role == "anonymous":
        return {}
    return await key_of(city, role, **({"district": "33"} if role == "access.department_officer" else {}))


def request_of(case: Case, credentials: dict[str, str]) -> requests.PreparedRequest:
    given_ = case.as_transport_kwargs(base_url="http://yong.test")
    kept = {"timeout", "stream", "verify", "cert", "allow_redirects", "proxies"}
    request = requests.Request(**{k: v for k, v in given_.items() if k not in kept})
    ready = request.prepare()
    for name in ("authorization", "x-api-key", "cookie"):
        ready.headers.pop(name, None)
    ready.headers.update(credentials)
    return ready


def opaque(case: Case) -> bool:
    """Whether the body is a file, of which a schema cannot say what makes it readable.

    So are entities of NGSI-LD and the parameters of the OGC APIs and of Open311: those standards say 400 of everything
    that is wrong with them.
    """
    if any(place in case.operation.label for place in ("/ngsi-ld/", "/ogc", "/open311/")):
        return True
    if (
        "/documents" in case.operation.label
    ):  # Upload-Metadata is a list in a header, for which there is no schema
        return True
    return case.operation.label.endswith(("/import", "{thing}/observations", "POST /geo/geocode"))


def ambiguous(case: Case, ready: requests.PreparedRequest) -> bool:
    """Whether what was made wrong reads right on the wire: null in a list's place, one value given twice."""
    names = [name for name, _ in parse_qsl(urlsplit(ready.url or "").query, keep_blank_values=True)]
    lists = {p.name for p in case.operation.query if p.raw_schema.get("type") == "array"}
    nulls = {name for name, value in (case.query or {}).items() if value is None}
    return bool(nulls & lists) or any(names.count(name) > 1 for name in set(names) - lists)


def faults_of_problem(answer: httpx.Response, language: str) -> Iterator[str]:
    """What RFC 9457 and our own rules ask of a problem document; Open311 has errors of its own."""
    if answer.request.url.path.startswith("/open311/"):
        if answer.headers["content-type"].partition(";")[0] not in ("text/xml", "application/json"):
            yield "not the standard's errors"
        elif f"{answer.status_code}" not in answer.text:
            yield "its code is not the answer's"
        return
    if answer.headers["content-type"] != "application/problem+json":
        yield "not a problem document"
        return
    body = msgspec.json.decode(answer.content)
    if body["status"] != answer.status_code:
        yield "its status is not the answer's"
    if not body["type"].startswith(("/errors/", "https://uri.etsi.org/ngsi-ld/errors/")):
        yield "its type is none of ours"
    chinese = any("一" <= c <= "鿿" for c in body["title"])
    if chinese is not (language == "zh"):
        yield f"its title is not in {language}"


@pytest.mark.timeout(1800 if CASES > 20 else 300)
@pytest.mark.parametrize("role", CALLERS)
async def test_the_description_holds(
    populated: City, client: httpx.AsyncClient, cases: list[Case], role: str
) -> None:
    credentials = await key_for(populated, role)
    wrong: dict[str, str] = {}
    answered: set[tuple[str, int]] = set()
    for number, case in enumerate(cases):
        ready = request_of(case, credentials)
        language = ("zh", "en")[number % 2]
        headers = {
            k: v if isinstance(v, bytes) else v.encode("latin-1", "replace") for k, v in ready.headers.items()
        }
        headers["Accept-Language"] = language.encode()
        answer = await client.request(
            ready.method or "", ready.url or "", headers=headers, content=ready.body
        )
        answered.add((case.operation.label, answer.status_code))
        told = answer.status_code >= 400 and ready.method != "HEAD"
        faults = list(faults_of_problem(answer, language)) if told else []
        if answer.status_code >= 500 and case.operation.label != "GET /health/ready":  # this City has no bus
            faults.append("a server error")
        if (
            answer.status_code == 400
            and case.meta.generation.mode is GenerationMode.POSITIVE
            and not opaque(case)
        ):
            faults.append("cannot be read, though it is as described")
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            faults += [f"{type(e).__name__}: {e}" for e in group.exceptions]
        except Failure as failure:
            faults.append(str(failure))
        if ambiguous(case, ready):
            faults = [fault for fault in faults if not fault.startswith("AcceptedNegativeData")]
        for fault in faults:
            place = f"{case.operation.label} {answer.status_code} {fault[:700]}"
            wrong.setdefault(
                f"{case.operation.label} {answer.status_code} {fault[:40]}",
                f"{place}\n  {ready.method} {ready.url} {ready.body!r:.300}\n  {answer.text[:300]}",
            )
    print(len(cases), len(answered))
    assert not wrong, "\n\n".join(wrong.values())
