"""Every role × Relation × field × operation against an evaluation written apart, over plain rows.

The evaluation here knows no SQL and no Cedar: who may do what stands below as a table of plain Python, and
which rows a mandate reaches is asked of dictionaries. Whatever the compiled SQL yields must equal it, under
random mandates, purposes and filters.
"""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yong.app import bootstrap
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS, Caller, Mandate, Role
from yong.kernel.access.policies import Policies
from yong.kernel.base.errors import Forbidden, Refused, Unauthenticated
from yong.kernel.base.relation import Field, Level, Mask, Personal, Relation, Type
from yong.kernel.base.settings import load
from yong.kernel.base.text import Text
from yong.kernel.records.logic import relations
from yong.kernel.store.database import Database

T = Text("试", "test")
STRONG = frozenset({"password", "totp"})
OPERATIONS = (
    "records.read",
    "records.create",
    "records.update",
    "records.end",
    "records.import",
    "records.export",
)


def field(name, kind=Type.TEXT, personal=Personal.NO, mask=Mask.HIDE, level=Level.GENERAL):
    return Field(name=name, type=kind, meaning=T, level=level, personal=personal, mask=mask)


MATRIX = Relation(
    name="store.matrix",
    title=T,
    key=("id",),
    owner="owner_id",
    district="district",
    subject="subject_id",
    fields=(
        field("id"),
        field("kind", Type.CODE),
        field("size", Type.INTEGER),
        field("plan", Type.JSON, level=Level.IMPORTANT),
        field("name", personal=Personal.PERSONAL, mask=Mask.NAME),
        field("phone", personal=Personal.PERSONAL, mask=Mask.PHONE),
        field("income", Type.MONEY, personal=Personal.PERSONAL),
        field("born", Type.DATE, personal=Personal.PERSONAL, mask=Mask.DAY),
        field("seen", Type.MOMENT, personal=Personal.PERSONAL, mask=Mask.DAY),
        field("home", Type.GEOMETRY, personal=Personal.PERSONAL, mask=Mask.PLACE),
        field("number", personal=Personal.SENSITIVE, mask=Mask.CITIZEN_NUMBER),
        field("illness", personal=Personal.SENSITIVE),
        field("case_plan", personal=Personal.SENSITIVE, level=Level.IMPORTANT),
    ),
)
TREE = {"nb": None, "d1": "nb", "d1x": "d1", "d1xy": "d1x", "d2": "nb", "d2x": "d2"}
PEOPLE = ("p1", "p2", "p3")
NAMES = ("王小明", "李雷", "欧阳娜娜", "A", None)


def made_rows():
    owners, districts = (*TREE, None), ("330203", "330203001", "330205", "330212", "33", None)
    return [
            {
                "id": f"r{n:02}", "kind": "abc"[n % 3], "size": n % 7, "plan": {"n": n}, "name": NAMES[n % 5],
                "phone": ("13812345678", "87654321", None)[n % 3], "income": 100_000 + n,
                "born": date(1980, 1, 1) + timedelta(days=31 * n), "number": (f"33020319800101{n:03}X", "12345", None)[n % 3],
                "seen": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=37 * n), "illness": f"ill{n}",
                "home": {"type": "Point", "coordinates": [121.5 + n / 997, 29.8 + n / 991]} if n % 4
                else {"type": "LineString", "coordinates": [[121.5, 29.8], [121.6, 29.9]]},
                "case_plan": f"secret{n}", "owner_id": owners[n % 7], "district": districts[(n // 3) % 6],
                "subject_id": (*PEOPLE, None)[n % 4],
            }
        for n in range(60)
    ]  # fmt: skip


ROWS = made_rows()


# A stored policy opens what is general of the Relation to everybody, and masked values to nobody.
OPENED = Mandate(id="everybody", role="access.anonymous")
OPEN_POLICY = """permit (principal == Role::"access.anonymous",
    action in [Action::"records.read", Action::"records.export"], resource == Relation::"store.matrix")
    when { context.personal == "no" && context.level == "general" && !context.scoped };"""


# ------------------------------------------------- the other evaluation: no SQL, no Cedar


def right(role, action, personal, level, purpose, mandate):
    """What the shipped roles may, written apart from policies.cedar."""
    partial = mandate.own or mandate.party or mandate.district
    if role == "access.operator":
        if action == "records.read_masked":
            return True
        return action in ("records.read", "records.export") and personal == "no" and level == "general"
    if role == "access.department_officer" and partial:
        if action == "records.read_masked" or personal == "no":
            return True
        if personal == "personal":
            return action in ("records.read", "records.export") and bool(purpose)
        return action == "records.read" and bool(purpose) and level == "general"
    if role == "access.resident":
        return action == "records.read" and mandate.own
    if role == "access.anonymous" and mandate is OPENED:
        return action in ("records.read", "records.export") and personal == "no" and level == "general"
    return False  # anybody and the three administrators


def inside(party, root):
    while party is not None:
        if party == root:
            return True
        party = TREE.get(party)
    return False


def reaches(mandate, row, me):
    return (
        (mandate.party is None or inside(row["owner_id"], mandate.party))
        and (mandate.district is None or (row["district"] or "").startswith(mandate.district))
        and (not mandate.own or (me is not None and row["subject_id"] == me))
    )


def shade(f, value):
    if value is None:
        return None
    match f.mask:
        case Mask.NAME:
            return value[:1] + "*" * max(len(value) - 1, 1)
        case Mask.PHONE:
            return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "****"
        case Mask.CITIZEN_NUMBER:
            return value[:6] + "*" * 10 + value[-2:] if len(value) == 18 else "****"
        case Mask.DAY if isinstance(value, datetime):
            return value.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        case Mask.DAY:
            return value.replace(day=1)
        case Mask.PLACE if value["type"] == "Point":
            return {"type": "Point", "coordinates": [round(x, 2) for x in value["coordinates"]]}
    return None


def naive(who, purpose, action="records.read", opened=False):
    """The rows somebody sees, by id, with the values they see; None where nothing may be asked at all."""
    held = [m for m in who.mandates if (m.until is None or m.until >= datetime.now(UTC).date())]
    if not who.factors & {"totp", "key", "oidc_mfa"}:
        held = [m for m in held if m.role == "access.resident"]
    held = [m for m in held if right(m.role, action, "no", "general", purpose, m)]
    held = [m for m in held if not (m.own and who.party is None)] + [OPENED] * opened
    if not held:
        return None
    seen = {}
    for row in ROWS:
        mine = [m for m in held if reaches(m, row, who.party)]
        if not mine:
            continue
        values = {}
        for f in MATRIX.fields:
            p, lv = f.personal.value, f.level.value
            if any(right(m.role, action, p, lv, purpose, m) for m in mine):
                values[f.name] = row[f.name]
            elif any(right(m.role, "records.read_masked", p, lv, purpose, m) for m in mine):
                values[f.name] = shade(f, row[f.name])
            else:
                values[f.name] = None
        seen[row["id"]] = values
    return seen


# ------------------------------------------------- the city they are compared in


@pytest.fixture
async def matrix(city, database):
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """CREATE TABLE store.matrix (id text PRIMARY KEY, kind text, size bigint, plan jsonb, name text, phone text,
             income bigint, born date, number text, seen timestamptz, illness text, home jsonb, case_plan text,
             owner_id text, district text, subject_id text)"""
    )
    await owner.close()
    async with city[Database].transaction() as connection:
        await connection.copy_records_to_table(
            "matrix", schema_name="store", records=[tuple(r.values()) for r in ROWS], columns=list(ROWS[0])
        )
    for id_, parent in TREE.items():
        await access.create_party(
            city, access.system_caller("access"), id=id_, kind="department", zh=id_, en=id_, parent=parent
        )
    city[Policies].add(MATRIX)
    return city


def person(*mandates, party=None, factors=STRONG):
    return Caller(account="somebody", party=party, mandates=mandates, factors=factors)


async def seen(city, who, purpose=None, action="records.read", tail="", *args):
    scope = access.scoped(city, MATRIX, who, purpose=purpose, action=action)
    number = len(scope.args) + 1
    sql = f"SELECT * FROM ({scope.sql}) AS r {tail.replace('$?', f'${number}')}"
    found = await city[Database].fetch(sql, *scope.args, *args)
    return {r["id"]: dict(r) for r in found}, scope


ROLES = ("access.operator", "access.department_officer", "access.resident", "access.identity_clerk", "access.system_admin",
         "access.security_admin", "access.audit_admin", "access.anonymous", "sensing.engineer", "context.provider", "nobody.knows")  # fmt: skip
mandates = st.builds(
    Mandate,
    id=st.just("m"),
    role=st.sampled_from(ROLES),
    party=st.sampled_from((None, None, "nb", "d1", "d1x", "d2", "elsewhere")),
    district=st.sampled_from((None, None, "33", "330203", "330205", "3302_")),
    own=st.booleans(),
    until=st.sampled_from((None, None, date(2020, 1, 1), date(2999, 1, 1))),
)
callers = st.builds(
    lambda held, party, factors: Caller(
        account="somebody", party=party, mandates=tuple(held), factors=frozenset(factors)
    ),
    st.lists(mandates.filter(lambda m: m.role != "access.anonymous"), min_size=1, max_size=3),
    st.sampled_from((None, *PEOPLE)),
    st.sampled_from((("password", "totp"), ("key",), ("password",))),
)
LITERALS = {
    "text": (
        "王小明",
        "王**",
        "13812345678",
        "138****5678",
        "ill3",
        "secret7",
        "a",
        "",
        "r07",
        "330203**********0X",
    ),
    "bigint": (3, 100_005, 0),
    "date": (date(1980, 1, 1), date(1980, 3, 4)),
    "timestamptz": (datetime(2026, 1, 2, 13, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
}
KINDS = {Type.INTEGER: "bigint", Type.MONEY: "bigint", Type.DATE: "date", Type.MOMENT: "timestamptz"}


@st.composite
def filters(draw):
    f = draw(st.sampled_from([f for f in MATRIX.fields if f.type not in (Type.JSON, Type.GEOMETRY)]))
    kind = KINDS.get(f.type, "text")
    operator = draw(st.sampled_from(("=", "<>", "<", ">=", "LIKE", "IS NULL", "IS NOT NULL")))
    if operator == "LIKE" and kind != "text":
        operator = "="
    return f.name, kind, operator, draw(st.sampled_from(LITERALS[kind]))


def holds(value, operator, literal):
    match operator:
        case "IS NULL":
            return value is None
        case "IS NOT NULL":
            return value is not None
    if value is None:
        return False
    match operator:
        case "=":
            return value == literal
        case "<>":
            return value != literal
        case "<":
            return value < literal
        case ">=":
            return value >= literal
    return value.startswith(literal[:-1]) and len(value) >= len(literal) - 1  # literal ends in %


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=callers,
    purpose=st.sampled_from((None, "access.inspection")),
    action=st.sampled_from(("records.read", "records.export")),
    condition=filters(),
    opened=st.booleans(),
)
async def test_no_filter_ever_shows_a_row_or_value_past_the_scope(
    matrix, who, purpose, action, condition, opened
):
    matrix[Policies].use({"open": OPEN_POLICY} if opened else {})
    expected = naive(who, purpose, action, opened)
    if expected is None:
        with pytest.raises(Forbidden):
            access.scoped(matrix, MATRIX, who, purpose=purpose, action=action)
        return
    got, scope = await seen(matrix, who, purpose, action)
    assert got == {
        id_: {name: value for name, value in values.items() if name in scope.fields}
        for id_, values in expected.items()
    }
    for name in scope.absent:
        assert all(values[name] is None for values in expected.values())
    assert scope.audited or not any(
        values[f.name] == row[f.name] is not None
        for row in ROWS
        if (values := expected.get(row["id"]))
        for f in MATRIX.fields
        if f.personal is not Personal.NO and f.mask is Mask.HIDE
    )
    name, kind, operator, literal = condition
    if name in scope.absent:
        return
    literal = literal + "%" if operator == "LIKE" else literal
    unary = operator in ("IS NULL", "IS NOT NULL")
    tail = f'WHERE "{name}" {operator}' + ("" if unary else f" $?::{kind}")
    found, _ = await seen(matrix, who, purpose, action, tail, *(() if unary else (literal,)))
    collated = {id_ for id_, values in expected.items() if holds(values[name], operator, literal)}
    assert set(found) == collated


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_and_operation_on_every_kind_of_field(matrix, role):
    reach = (
        Mandate(id="1", role=role),
        Mandate(id="2", role=role, party="d1"),
        Mandate(id="3", role=role, district="330203"),
        Mandate(id="4", role=role, own=True),
        Mandate(id="5", role=role, party="d1", district="330203", own=True),
    )
    for mandate in reach:
        who = person(mandate, party="p2")
        for purpose in (None, "access.inspection"):
            for action in OPERATIONS:
                may = right(role, action, "no", "general", purpose, mandate)
                assert access.allowed(matrix, who, action, MATRIX.name, purpose=purpose) is may
                for row in ROWS[:24]:
                    touch = {
                        "owner": row["owner_id"],
                        "district": row["district"],
                        "subject": row["subject_id"],
                    }
                    if may and reaches(mandate, row, "p2"):
                        await access.may_touch(matrix, who, action, MATRIX, **touch)
                    else:
                        with pytest.raises(Forbidden):
                            await access.may_touch(matrix, who, action, MATRIX, **touch)
            expected = naive(who, purpose)
            if expected is None:
                with pytest.raises(Forbidden):
                    access.scoped(matrix, MATRIX, who, purpose=purpose)
            else:
                got, scope = await seen(matrix, who, purpose)
                assert {
                    i: {k: v for k, v in r.items() if k in scope.fields} for i, r in expected.items()
                } == got


async def test_every_declared_relation_compiles_for_every_role(city):
    registry = city.registry
    every = {r.name: r for _, r in registry.of(Relation)} | {r.name: r for r, _ in relations(registry)}
    roles = [r for _, r in registry.of(Role)]
    assert every
    assert len(roles) >= 7
    for relation in every.values():
        opened = 0
        for role in roles:
            for action in OPERATIONS:
                who = person(Mandate(id="m", role=role.name, party="d1"), party="p1")
                try:
                    scope = access.scoped(city, relation, who, purpose="access.inspection", action=action)
                except Forbidden:
                    assert not access.allowed(city, who, action, relation.name) or relation.owner is None
                    continue
                opened += 1
                assert set(scope.fields) | scope.absent == {f.name for f in relation.fields}
                await city[Database].fetch(f"SELECT * FROM ({scope.sql}) AS r LIMIT 0", *scope.args)
                public = access.allowed(city, ANONYMOUS, action, relation.name)
                assert public or role.administration is None
        assert opened or relation.name in SUBJECTS_ALONE
        with pytest.raises((Unauthenticated, Forbidden)):
            access.scoped(city, relation, ANONYMOUS, action="records.update")


# What modules above access permit their own roles, and what they open to everybody: written apart from their policies.
READS = frozenset({"records.read", "records.export"})
EVERYTHING, READ = frozenset(OPERATIONS), frozenset({"records.read"})
OWN_ROLES = {
    "sensing.engineer": {"sensing.thing": EVERYTHING},
    "context.provider": dict.fromkeys(("context.entity_now", "context.tenant_entity_now"), READ),
    "documents.archivist": {"documents.document": READS},
    "indicators.keeper": {"indicators.weight": EVERYTHING},
    "indicators.reviewer": {},
    "geo.keeper": {
        **dict.fromkeys(("geo.boundary", "geo.grid_cell", "geo.layer", "geo.place"), EVERYTHING),
        **dict.fromkeys(("geo.component", "geo.component_source"), READS),
    },
}
# Who works on cases reads what is not about people, and the rest masked where no purpose of theirs is stated.
CASE_ROLES = frozenset(
    ("cases.clerk", "cases.dispatcher", "cases.inspector", "cases.supervisor", "cityops.supervision")
)
CASE_KEEPER = "cases.designer"
OPENED_RELATIONS = {
    **dict.fromkeys(("environment.station", "environment.station_now", "environment.weather_now"), READS),
    "environment.aqi": READS,
    "ningbo.division": {"records.read"},
    "reports.progress": READS,
}
# What nobody reads but whom it is about.
SUBJECTS_ALONE = frozenset(("messaging.contact_point",))
# What every role reads within its scope, the three administrators apart.
SHARED_RELATIONS = dict.fromkeys(
    ("geo.boundary", "geo.grid_cell", "geo.grid_division", "geo.layer", "geo.place"), READS
)
ROLELESS = ("nobody", "access.system_admin", "access.security_admin", "access.audit_admin")


def may(role, action, relation, personal, level, purpose, mandate):
    """Whether a mandate of a shipped role may do something with a field of a declared Relation."""
    if relation.name in SUBJECTS_ALONE and action in (*READS, "records.read_masked") and not mandate.own:
        return False
    opened = action in OPENED_RELATIONS.get(relation.name, ())
    if opened and personal == "no" and level == "general":
        return True
    shared = action in SHARED_RELATIONS.get(relation.name, ()) and role not in ROLELESS
    if shared and personal == "no" and level == "general":
        return True
    if personal == "sensitive" and not purpose and not mandate.own and action in READS:
        return False
    if role == "documents.archivist" and personal != "no" and not purpose:
        return False
    if relation.name.startswith("cases."):
        if role in CASE_ROLES and (action == "records.read_masked" or (action in READS and personal == "no")):
            return True
        if role == CASE_KEEPER and action in EVERYTHING and personal == "no":
            return True
    if relation.name.startswith("cityops."):  # registers, that say nothing of people
        if role in CASE_ROLES and action in READS and personal == "no":
            return True
        if role == CASE_KEEPER and action in EVERYTHING and personal == "no":
            return True
    return action in OWN_ROLES.get(role, {}).get(relation.name, ()) or right(
        role, action, personal, level, purpose, mandate
    )


def reached(mandate, relation):
    """Whether the Relation has the columns by which the mandate's scope is told."""
    return (
        (mandate.party is None or relation.owner is not None)
        and (mandate.district is None or relation.district is not None)
        and (not mandate.own or relation.subject is not None)
    )


async def test_every_role_on_every_field_of_every_relation_by_every_operation(city):
    registry = city.registry
    every = {r.name: r for _, r in registry.of(Relation)} | {r.name: r for r, _ in relations(registry)}
    shipped = [r.name for _, r in registry.of(Role) if r.name != "access.anonymous"]
    assert set(ROLES) | set(OWN_ROLES) | CASE_ROLES | {CASE_KEEPER} >= set(
        shipped
    )  # a new role is written down here
    assert len(every) > 8
    compared = 0
    for role in shipped:
        for mandate in (
            Mandate(id="1", role=role),
            Mandate(id="2", role=role, party="d1"),
            Mandate(id="3", role=role, district="330203"),
            Mandate(id="4", role=role, own=True),
        ):
            who = person(mandate, party="p2")
            for relation in every.values():
                for purpose in (None, "access.inspection"):
                    for action in OPERATIONS:
                        told = (role, mandate, relation.name, purpose, action)
                        base = may(role, action, relation, "no", "general", purpose, mandate)
                        assert access.allowed(city, who, action, relation.name, purpose=purpose) is base, told
                        if action not in READS:
                            continue
                        public = may("nobody", action, relation, "no", "general", None, mandate)
                        if not (public or (base and reached(mandate, relation))):
                            with pytest.raises(Forbidden):
                                access.scoped(city, relation, who, purpose=purpose, action=action)
                            continue
                        scope = access.scoped(city, relation, who, purpose=purpose, action=action)
                        for f in relation.fields:
                            labels = (f.personal.value, f.level.value)
                            clear = may(role, action, relation, *labels, purpose, mandate)
                            masked = may(role, "records.read_masked", relation, *labels, purpose, mandate)
                            if clear:
                                assert f.name in set(scope.fields) - set(scope.masked), (told, f.name)
                            elif masked:
                                assert f.name in set(scope.masked) | set(scope.absent), (told, f.name)
                            else:
                                assert f.name in scope.absent, (told, f.name)
                            compared += 1
    assert compared > 2000


async def test_a_whole_city_reader_gets_plain_sql_and_a_key_is_found_by_index(matrix, database):
    scope = access.scoped(matrix, MATRIX, person(Mandate(id="m", role="access.operator")))
    assert "WHERE" not in scope.sql
    assert scope.sql.startswith('SELECT r."id", r."kind", r."size", ')
    assert 'left(r."name", 1)' in scope.sql
    officer = person(Mandate(id="m", role="access.department_officer", party="d1"))
    narrow = access.scoped(matrix, MATRIX, officer, purpose="access.inspection")
    assert not narrow.masked & {"id", "kind", "name", "number"}
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "INSERT INTO store.matrix (id, kind, owner_id) SELECT 'x' || n, 'a', 'd1' FROM generate_series(1, 20000) n; ANALYZE store.matrix"
    )
    await owner.close()
    for one in (scope, narrow):
        plan = await matrix[Database].fetch(
            f"EXPLAIN SELECT * FROM ({one.sql}) AS r WHERE id = ${len(one.args) + 1}", *one.args, "x777"
        )
        assert any("Index Scan using matrix_pkey" in row[0] for row in plan), plan


async def test_core_data_is_refused(city):
    with pytest.raises(Refused):
        city[Policies].add(
            Relation(name="store.core", title=T, key=("id",), fields=(field("id", level=Level.CORE),))
        )


def test_every_field_of_every_relation_has_a_mask_that_fits_its_type():
    fits = {
        Mask.NAME: {Type.TEXT}, Mask.PHONE: {Type.TEXT}, Mask.CITIZEN_NUMBER: {Type.TEXT},
        Mask.DAY: {Type.DATE, Type.MOMENT}, Mask.PLACE: {Type.GEOMETRY}, Mask.HIDE: set(Type),
    }  # fmt: skip
    registry = bootstrap.registry(load({"YONG_HOME": "/nonexistent"}))
    for relation in [r for _, r in registry.of(Relation)] + [r for r, _ in relations(registry)]:
        for f in relation.fields:
            assert f.type in fits[f.mask], f"{relation.name}.{f.name}"
