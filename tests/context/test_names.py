"""Names by context: there and back again, and what a context may not be."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yong.kernel.base.errors import Invalid
from yong.kernel.context.jsonld import core
from yong.kernel.context.jsonld.names import CORE, merged
from yong.kernel.context.ngsild import ids

words = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)
terms = words.filter(lambda w: w not in ("http", "https", "urn"))
bases = st.sampled_from(["https://a.example/", "https://a.example/x#", "urn:b:", "https://a.example/x"])
iris = st.builds(str.__add__, bases, words)
definitions = iris | bases | st.builds(lambda i: {"@id": i, "@type": "@id"}, iris) | st.none()
contexts = st.dictionaries(terms, definitions, max_size=6).flatmap(
    lambda d: st.sampled_from([d, {**d, "@vocab": "https://vocab.example/"}])
)
anything = (
    iris
    | words.map(core.DEFAULT.__add__)
    | st.sampled_from(sorted(core.IRIS))
    | words.map("https://vocab.example/".__add__)
)


@given(contexts, anything)
@example({"a": "https://a.example/", "b": "https://a.example/x"}, "https://a.example/x")
@example({"location": "https://elsewhere.example/"}, "https://uri.etsi.org/ngsi-ld/location")
@example({"p": "urn:b:", "p:x": "https://a.example/1"}, "urn:b:x")
def test_what_is_compacted_expands_to_the_same(context: dict[str, object], iri: str) -> None:
    names = merged(context, {})
    assert names.expand(names.compact(iri)) == iri


@given(contexts, words | st.builds("{}:{}".format, terms, words))
def test_a_name_is_stored_and_shown_as_what_it_stands_for(context: dict[str, object], name: str) -> None:
    names = merged(context, {})
    stored = names.stored(name)
    assert core.iri_of(stored) == names.expand(name)
    assert names.expand(names.shown(stored)) == names.expand(name)


def test_the_core_context_comes_before_everything() -> None:
    names = merged([{"location": "https://elsewhere.example/place", "@vocab": "https://v.example/"}], {})
    assert names.expand("location") == "https://uri.etsi.org/ngsi-ld/location"
    assert names.expand("other") == "https://v.example/other"
    assert CORE.expand("other") == core.DEFAULT + "other"
    assert CORE.stored("ngsi-ld:location") == "location"


def test_contexts_refer_to_others_and_lean_on_their_own_terms() -> None:
    loaded = {
        "https://c.example/1": [{"a": "https://a.example/"}, "https://c.example/2"],
        "https://c.example/2": {"b": "a:b"},
    }
    names = merged(["https://c.example/1", {"c": "b", "d": {"@id": "a:d"}}], loaded)
    assert names.expand("c") == "https://a.example/b"
    assert names.expand("d") == "https://a.example/d"
    assert names.compact("https://a.example/d") == "d"


def test_terms_defined_by_one_another_end_somewhere() -> None:
    assert merged({"a": "b", "b": "a"}, {}).expand("a").startswith(core.DEFAULT)


def _deep(levels: int) -> dict[str, object]:
    context: dict[str, object] = {"x": "https://x.example/"}
    for _ in range(levels):
        context = {"x": {"@id": "https://x.example/", "@context": context}}
    return context


@pytest.mark.parametrize(
    "context",
    [
        7,
        None,
        [[]],
        {"a": 1},
        {"a": {"@id": 3}},
        {"@vocab": 5},
        {"@nonsense": "x"},
        {"urn": "https://x.example/"},
        {"": "https://x.example/"},
        _deep(20),
        ["https://c.example/1"] * 100,
        {f"t{n}": "https://x.example/" for n in range(10_001)},
    ],
)
def test_what_is_no_context_is_refused(context: object) -> None:
    with pytest.raises(Invalid):
        merged(context, {})


@given(st.text(min_size=1, max_size=20).filter(lambda t: "\0" not in t))
def test_ids_of_things_are_shown_as_uris_and_taken_back(id_: str) -> None:
    shown = ids.shown(id_)
    assert ids.is_uri(shown)
    assert ids.stored(shown) == id_


def test_an_id_that_is_no_uri_is_refused() -> None:
    for wrong in ("bench-0001", "", 5, None, "a b:c", "urn:x\n"):
        with pytest.raises(Invalid):
            ids.stored(wrong)
