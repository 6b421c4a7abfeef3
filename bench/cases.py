"""How fast work goes from desk to desk: whole cases, single actions over HTTP, a page of an inbox over a million cases.

Ceilings in the same run: for whole cases SpiffWorkflow alone, with its state saved and read again at each step and no
database; for actions the smallest answer of the same server; for the inbox the same rows by one statement over the
tables themselves, for a reader who may see everything.
"""

import asyncio
import time
from importlib import resources
from typing import Any

import asyncpg
import httpx
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from bench.figure import Figure
from bench.install import Install
from bench.records import wrk
from yong.kernel.access import api as access
from yong.kernel.access import identity
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.cases import api as cases
from yong.kernel.cases.contracts import Act, NewCase
from yong.kernel.cases.procedures.machine import Parser
from yong.kernel.store import place
from yong.kernel.store.database import Database

WHOLE, SIDE_BY_SIDE = 1_500, 200
ACTED_ON = 12_000
INBOX, PAGES = 1_000_000, 300
ROLES = ("cases.inspector", "cityops.supervision", "cases.dispatcher", "cases.clerk", "cases.supervisor")
STAGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("verify", "confirm", {}),
    ("file", "file", {"class_": "0101"}),
    ("dispatch", "dispatch", {"units": ["bench-unit"]}),
    ("handle", "done", {"note": "Done"}),
    ("check", "pass", {}),
    ("close", "close", {}),
)

_ACT = """
local ids = {}
for line in io.lines("FILE") do ids[#ids + 1] = line end
local n = 0
request = function()
  n = n + 1
  return wrk.format("POST", "/tasks/" .. ids[n] .. "/acts", {["X-API-Key"] = "KEY", ["Content-Type"] = "application/json"},
                    '{"choice":"confirm"}')
end
"""


async def figures(install: Install) -> list[Figure]:
    """case_replay, case_actions, case_inbox_p95."""
    city = install.city
    for party in ("bench-unit", city.settings.reports_party):
        await access.create_party(
            city, access.system_caller("access"), id=party, kind="department", zh="单位", en="Unit"
        )
    caller, key = await officer(city)
    engine = _engine_alone()
    replayed = await _replay(city, caller)
    bare, _ = await wrk(f"{install.state.http}/health/live", None, connections=32)
    acted = await _actions(install, caller, key)
    inbox, plain = await _inbox(install, key)
    return [
        Figure(
            name="case_replay", value=replayed, unit="cases/s", ceiling=engine, must=150, aim=400,
            what="SpiffWorkflow alone, its state saved and read again at each step",
        ),
        Figure(
            name="case_actions", value=acted, unit="actions/s", ceiling=bare, must=600, aim=1_500,
            what="the smallest answer of the same server, /health/live",
        ),
        Figure(
            name="case_inbox_p95", value=inbox, unit="ms", ceiling=plain, must=60, aim=20,
            what="the same rows by one statement, without rights",
        ),
    ]  # fmt: skip


async def officer(city: City) -> tuple[Caller, str]:
    """Somebody who sits at every desk, and the key of the same."""
    system = access.system_caller("access")
    account, _ = await access.create_account(
        city,
        system,
        "bench-officer",
        password="a password of the bench",  # noqa: S106  # it lives as long as the measurement
    )
    for role in ROLES:
        await access.grant(city, system, account, role)
    holder = await identity.caller_as(city, account)
    key = await access.issue_key(
        city, holder, "cases", list(ROLES), per_minute=1_000_000, per_day=1_000_000_000, days=1
    )
    return holder, key


async def _replay(city: City, caller: Caller) -> float:
    """Whole cases a second, SIDE_BY_SIDE of them on their way at a time, each step committed before the next."""
    left = iter(range(WHOLE))

    async def walk() -> None:
        for _ in left:
            new = NewCase(procedure="cityops.case", title="A cover is missing", district="330203")
            made = await cases.open_case(city, caller, new)
            for element, choice, said in STAGES:
                task = await city[Database].fetchval(
                    "SELECT id FROM cases.task WHERE case_id = $1 AND element = $2 AND state = 'open'",
                    made.id,
                    element,
                )
                done = await cases.act(city, caller, task, Act(choice=choice, **said))
            assert done["state"] == "closed"

    began = time.perf_counter()
    await asyncio.gather(*(walk() for _ in range(SIDE_BY_SIDE)))
    return WHOLE / (time.perf_counter() - began)


async def _actions(install: Install, caller: Caller, key: str) -> float:
    """Actions a second over HTTP, 32 clients."""
    city = install.city
    left = iter(range(ACTED_ON))

    async def open_some() -> None:
        for _ in left:
            await cases.open_case(
                city, caller, NewCase(procedure="cityops.case", title="A cover is missing", district="330203")
            )

    await asyncio.gather(*(open_some() for _ in range(SIDE_BY_SIDE)))
    rows = await city[Database].fetch(
        "SELECT id FROM cases.task WHERE element = 'verify' AND state = 'open' LIMIT $1", ACTED_ON
    )
    file = install.settings.home / "tasks.txt"
    file.write_text("\n".join(row["id"] for row in rows))
    rate, bad = await wrk(
        install.state.http, _ACT.replace("KEY", key).replace("FILE", str(file)), connections=32
    )
    assert not bad, f"{bad} actions failed"
    return rate


async def _inbox(install: Install, key: str) -> tuple[float, float]:
    """The 95th percentile of a filtered page over INBOX cases, in ms, and of the bare statement."""
    database = install.city[Database]
    async with database.transaction() as connection:
        await connection.execute(
            """INSERT INTO cases.case_file (id, number, procedure, version, marking, stage, state, title, class, source,
                   owner_id, unit_id, district, opened_at, due_at, yellow_at)
               SELECT 'in-' || n, 'in-' || n, p.name, p.version, 'handle', 'handle', 'open', 'A case ' || n,
                      '0' || (n % 9), 'desk', 'bench-unit', 'bench-unit', '3302' || lpad((n % 40)::text, 2, '0'),
                      now() - n * interval '1 second', now() + (n % 500000) * interval '1 minute',
                      now() + (n % 450000) * interval '1 minute'
               FROM generate_series(1, $1) n, cases.procedure p WHERE p.name = 'cityops.case' AND p.state = 'live'""",
            INBOX,
            timeout=600,
        )
        await connection.execute(
            """INSERT INTO cases.task (id, case_id, element, role, party, state, district, opened_at, due_at)
               SELECT id, id, 'handle', 'cases.clerk', 'bench-unit', 'open', district, opened_at, due_at
               FROM cases.case_file WHERE id LIKE 'in-%'""",
            timeout=600,
        )
    owner = await asyncpg.connect(place.owner_url(install.settings))
    try:
        await owner.execute("ANALYZE cases.case_file, cases.task")
    finally:
        await owner.close()
    taken = []
    async with httpx.AsyncClient(base_url=install.state.http, headers={"x-api-key": key}) as client:
        for n in range(PAGES):
            filters = f"filter=district:eq:3302{n % 40:02}&filter=class:eq:0{n % 9}&limit=50"
            began = time.perf_counter()
            answer = await client.get(f"/inbox?{filters}")
            taken.append((time.perf_counter() - began) * 1e3)
            assert answer.status_code == 200, answer.text
    plain = []
    for n in range(PAGES):
        began = time.perf_counter()
        await database.fetch(
            """SELECT t.*, c.title, c.class FROM cases.task t JOIN cases.case_file c ON c.id = t.case_id
               WHERE t.state = 'open' AND t.role = ANY($1) AND t.district = $2 AND c.class = $3
               ORDER BY t.due_at, t.id LIMIT 50""",
            list(ROLES), f"3302{n % 40:02}", f"0{n % 9}",
        )  # fmt: skip
        plain.append((time.perf_counter() - began) * 1e3)
    return p95(taken), p95(plain)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _engine_alone(most: int = 60) -> float:
    """Cases a second of the engine by itself, in the same procedure, its state saved and read again at each step."""
    parser = Parser()
    bpmn = resources.files("yong.domains.cityops").joinpath("procedures/case.bpmn").read_bytes()
    parser.add_bpmn_str(bpmn)
    spec = parser.get_spec("cityops.case")
    serializer = BpmnWorkflowSerializer()
    began = time.perf_counter()
    for _ in range(most):
        workflow = BpmnWorkflow(spec)
        workflow.task_tree.data.update(source="desk", assigned=False)
        workflow.do_engine_steps()
        for element, choice, _said in STAGES:
            workflow = serializer.deserialize_json(serializer.serialize_json(workflow))
            while True:
                task = workflow.get_next_task(state=TaskState.READY, manual=True)
                task.data.update(outcome=choice, assigned=False)
                task.run()
                workflow.do_engine_steps()
                if task.task_spec.bpmn_id == element:
                    break
        assert workflow.completed
    return most / (time.perf_counter() - began)
