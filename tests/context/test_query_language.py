"""The query languages: read, refused, and compiled to SQL that answers as a plain evaluator does."""

import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from tests.context import naive

from yong.kernel.base.city import City
from yong.kernel.base.errors import Invalid
from yong.kernel.context.asking import compiling, q, scope, types
from yong.kernel.context.asking.compiling import Arguments, Columns
from yong.kernel.store.database import Database

NAMES = st.sampled_from(["a", "b", "temperature", "https"])
NUMBERS = st.sampled_from(["0", "1", "-2", "20", "20.5", "2e1", "1E-3"])
WORDS = st.sampled_from(["red", "urn:x:1", "blue", "Ω", 'say "hi"', "20", "\\d", ""])
MOMENTS = st.sampled_from(
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00,50Z", "2026-01-01T00:00:00.12Z",
     "2025-12-31T23:59:59.999999Z"]
)  # fmt: skip
DAYS = st.sampled_from(["2026-01-01", "2025-12-31"])
TIMES = st.sampled_from(["10:00:00Z", "10:00:00.25Z", "09:59:59Z"])
LANGUAGES = st.dictionaries(st.sampled_from(["en", "zh"]), WORDS | st.lists(WORDS, max_size=2), max_size=2)

SCALARS = (
    NUMBERS.map(lambda n: float(n) if set(n) & set(".eE") else int(n)) | WORDS | st.booleans() | MOMENTS | DAYS | TIMES
)  # fmt: skip
INNER = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=2), max_leaves=6
)
PLAIN = st.one_of(
    st.fixed_dictionaries({"type": st.just("Property"), "value": INNER}, optional={"observedAt": MOMENTS, "unitCode": st.just("CEL")}),
    st.fixed_dictionaries({"type": st.just("Property"), "value": st.fixed_dictionaries({"@type": st.just("DateTime"), "@value": MOMENTS})}),
    st.fixed_dictionaries({"type": st.just("Relationship"), "object": st.just("urn:x:1") | st.just(["urn:x:1", "urn:x:2"])}),
    st.fixed_dictionaries({"type": st.just("ListRelationship"), "objectList": st.just([{"object": "urn:x:1"}, {"object": "urn:x:3"}])}),
    st.fixed_dictionaries({"type": st.just("LanguageProperty"), "languageMap": LANGUAGES}),
    st.fixed_dictionaries({"type": st.just("VocabProperty"), "vocab": WORDS | st.lists(WORDS, max_size=2)}),
    st.fixed_dictionaries({"type": st.just("JsonProperty"), "json": INNER}),
    st.fixed_dictionaries({"type": st.just("ListProperty"), "valueList": st.lists(SCALARS, max_size=3)}),
)  # fmt: skip


@st.composite
def instances(draw: st.DrawFn, depth: int = 1) -> Any:
    one = draw(PLAIN)
    if depth and draw(st.booleans()):
        one = {**one, draw(NAMES): draw(instances(depth - 1))}
    return [one, draw(PLAIN)] if draw(st.integers(0, 4)) == 0 else one


ENTITIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["A", "B"]),
        "other_types": st.lists(st.sampled_from(["C", "D"]), max_size=2, unique=True),
        "scopes": st.lists(st.sampled_from(["/x", "/x/y", "/x/y/z", "/z/y", "/x1"]), max_size=2, unique=True),
        "doc": st.dictionaries(NAMES, instances(), max_size=3),
        "created_at": MOMENTS,
        "modified_at": MOMENTS,
    }
)
QUOTED = WORDS.map(lambda w: json.dumps(w, ensure_ascii=False))
ORDERED = NUMBERS | QUOTED | MOMENTS.map(lambda m: m) | DAYS | TIMES
LISTED = ORDERED | st.sampled_from(["true", "false", "urn:x:1", "red"])


@st.composite
def terms(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["createdAt", "modifiedAt"])) + draw(
            st.sampled_from([">=", "<", "==", "!="])
        ) + draw(MOMENTS)  # fmt: skip
    path = ".".join(draw(st.lists(NAMES, min_size=1, max_size=2)))
    match draw(st.integers(0, 7)):
        case 0:
            path += draw(st.sampled_from([".observedAt", ".unitCode"]))
        case 1:
            path += draw(st.sampled_from(["[*]", "[en]"]))
        case 2:
            path += "[" + ".".join(draw(st.lists(NAMES, min_size=1, max_size=2))) + "]"
    operator = draw(st.sampled_from(list(q.Operator)))
    if not operator:
        return path
    if operator in ("~=", "!~="):
        return path + operator + draw(st.sampled_from(['"^r.d$"', "e", "(re|bl)(d|ue)", '"[0-9]+"']))
    if operator not in ("==", "!="):
        return path + operator + draw(ORDERED)
    if draw(st.integers(0, 3)) == 0:
        kind = draw(st.sampled_from([NUMBERS, MOMENTS, DAYS, TIMES, QUOTED]))
        return f"{path}{operator}{draw(kind)}..{draw(kind)}"
    return path + operator + ",".join(draw(st.lists(LISTED, min_size=1, max_size=3)))


def combined(term: st.SearchStrategy[str], either: list[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        term,
        lambda inner: st.tuples(inner, st.sampled_from([";", *either]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        max_leaves=3,
    )


QUERIES = combined(terms(), ["|"])
SCOPES = combined(st.sampled_from(["/x", "/x/#", "/+/y", "/#", "/x/+/#", "/+", "/z/y", "x/y"]), ["|", ","])
TYPES = combined(st.sampled_from(["A", "B", "C", "D"]), ["|", ","])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_the_sql_of_queries_answers_as_a_plain_evaluator_does(city: City, data: st.DataObject) -> None:
    entities = data.draw(st.lists(ENTITIES, min_size=5, max_size=12))
    texts = data.draw(st.lists(QUERIES, min_size=10, max_size=30))
    scoped = data.draw(st.lists(SCOPES, min_size=1, max_size=5))
    typed = data.draw(st.lists(TYPES, min_size=1, max_size=5))
    rows = [{**e, "id": str(i)} for i, e in enumerate(entities)]
    stored = [
        {**row, **{at: row[at].replace(",", ".") for at in ("created_at", "modified_at")}} for row in rows
    ]
    arguments, columns = Arguments((stored,)), Columns()
    trees: list[tuple[str, object, str]] = [
        *((t, (tree := q.parse(t)), compiling.query(tree, columns, arguments)) for t in texts),
        *((t, (tree := scope.parse(t)), compiling.scopes(tree, columns, arguments)) for t in scoped),
        *((t, (tree := types.parse(t)), compiling.types(tree, columns, arguments)) for t in typed),
    ]
    found = ", ".join(f"ARRAY(SELECT r.id FROM r WHERE {sql})" for _, _, sql in trees)
    row = await city[Database].fetchrow(
        f"""WITH r AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS e (id text, type text,
              other_types text[], scopes text[], doc jsonb, created_at timestamptz, modified_at timestamptz))
            SELECT {found}""",
        *arguments.values,
    )
    assert row is not None
    for (text, tree, sql), answer in zip(trees, row.values(), strict=True):
        wanted = {r["id"] for r in rows if naive.matches(tree, r)}
        assert set(answer) == wanted, (text, sql, [r for r in rows if r["id"] in wanted ^ set(answer)])


LETTERS = st.text(
    alphabet=st.sampled_from(list('ab.[]{}()=!<>~;|,"\\0129-:TZ/#+*\x00é甬\ud800 ')), max_size=60
)


@settings(max_examples=400, deadline=None)
@given(LETTERS | st.text(max_size=40) | st.tuples(QUERIES, LETTERS, st.integers(0, 20)).map(lambda t: t[0][: t[2]] + t[1] + t[0][t[2] :]))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    for language in (q, scope, types):
        try:
            tree = language.parse(text)
            arguments = Arguments()
            if language is q:
                compiling.query(tree, Columns(), arguments)
        except Invalid:
            continue
        assert "\0" not in repr(arguments.values)


@pytest.mark.parametrize(
    "text",
    ["", "a==", "a=1", "(a", "a)", "a;;b", "a==1..", "a==1..\"x\"", "a[b", "a.b.", "a>true", "a>red", "a~=", "a~=\"(x)\\1\"",
     "a==\"\\u0000\"", "a==2026-02-30T00:00:00Z", "a{b}==1", "a==1e999", "1a", "(" * 40 + "a" + ")" * 40,
     ";".join(["a"] * 101), "a" * 5000, "modifiedAt==1"],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_words_in_both_languages(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        compiling.query(q.parse(text), Columns(), Arguments())
    assert refused.value.detail.zh != refused.value.detail.en


def test_the_standards_own_examples_are_read() -> None:
    assert q.parse("temperature==20") == q.Term(
        path=("temperature",), operator=q.Operator.EQUAL, values=(q.Value(q.Kind.NUMBER, "20"),)
    )
    for text in (
        'brandName!="Mercedes"', 'isParked=="urn:ngsi-ld:OffStreetParking:Downtown1"', 'speed>50;brandName!="Mercedes"',
        '((speed>50|rpm>3000);brandName=="Mercedes")', "(temperature>=20;temperature<=25)|capacity<=10",
        "temperature.observedAt>=2017-12-24T12:00:00Z", 'address[city]=="Berlin"',
        "sensor.rawdata[airquality.particulate]==40", "gender==Male", 'color=="black","red"', "temperature==10..20",
    ):  # fmt: skip
        q.parse(text)
    assert types.alone(types.parse("(Home;Vehicle),Motorhome")) == {"Motorhome"}
    assert scope.parse("(/Madrid/Districts;/CompanyA),CompanyB")
