"""Every operation on entities, in random order, against a naive model of what the standard says of each."""

import random
from typing import Any

import httpx

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

E = "/ngsi-ld/v1/entities"
B = "/ngsi-ld/v1/entityOperations"
NULL = "urn:ngsi-ld:null"
NAMES = ("a", "b", "c", "location")
IDS = tuple(f"urn:ngsi-ld:T:{n}" for n in range(3))
STEPS = 800
Instances = dict[str, dict[str, Any]]


class Model:
    """Entities as {id: {attribute: {datasetId: instance}}}, changed one plain step at a time."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Instances]] = {}

    def shown(self, id_: str) -> dict[str, Any]:
        out: dict[str, Any] = {"id": id_, "type": "T"}
        for name, instances in self.entities[id_].items():
            each = [instances[d] for d in sorted(instances)]
            out[name] = each if len(each) > 1 else each[0]
        return out

    def put(self, id_: str, name: str, given: Instances) -> None:
        self.entities[id_].setdefault(name, {}).update(given)

    def drop(self, id_: str, name: str, dataset: str) -> None:
        self.entities[id_][name].pop(dataset)
        if not self.entities[id_][name]:
            del self.entities[id_][name]


def instance(chance: random.Random, name: str, dataset: str) -> dict[str, Any]:
    if name == "location":
        at = [chance.randint(-180, 180), chance.randint(-90, 90)]
        out: dict[str, Any] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": at}}
    elif name == "b":
        out = {"type": "Relationship", "object": f"urn:x:{chance.randint(0, 9)}"}
    else:
        nested = {
            chance.choice("kl"): chance.randint(0, 9),
            "deep": {chance.choice("xy"): [chance.randint(0, 999)]},
        }
        value = chance.choice([1, 2.5, "文", True, nested, nested, [1, 2]])
        out = {"type": "Property", "value": value}
        if chance.random() < 0.3:
            out["unitCode"] = chance.choice(["CEL", "P1"])
    if chance.random() < 0.3:
        out["accuracy"] = {"type": "Property", "value": chance.randint(0, 9)}
    if dataset:
        out["datasetId"] = dataset
    return out


def given(chance: random.Random, name: str) -> Instances:
    datasets = chance.choice([[""], [""], ["urn:d:1"], ["", "urn:d:1"]])
    return {d: instance(chance, name, d) for d in datasets}


def body(attributes: dict[str, Instances]) -> dict[str, Any]:
    return {n: list(i.values()) if len(i) > 1 else next(iter(i.values())) for n, i in attributes.items()}


async def test_any_order_of_operations_leaves_what_the_model_says(
    provider: httpx.AsyncClient, city: City
) -> None:
    chance = random.Random(9)  # no secret
    model = Model()
    for step in range(STEPS):
        id_, name = chance.choice(IDS), chance.choice(NAMES)
        there = id_ in model.entities
        attributes = {n: given(chance, n) for n in chance.sample(NAMES, chance.randint(1, 3))}
        known = model.entities.get(id_, {})
        dataset = chance.choice(["", "urn:d:1"])
        verb = chance.choice(OPERATIONS)
        status, wanted = 0, 204
        if verb == "create":
            answer = await provider.post(E, json={"id": id_, "type": "T", **body(attributes)})
            wanted = 409 if there else 201
            if not there:
                model.entities[id_] = attributes
        elif verb == "replace":
            answer = await provider.put(f"{E}/{id_}", json={"type": "T", **body(attributes)})
            if there:
                model.entities[id_] = attributes
        elif verb == "append":
            only_new = chance.random() < 0.5
            answer = await provider.post(
                f"{E}/{id_}/attrs",
                json=body(attributes),
                params={"options": "noOverwrite"} if only_new else None,
            )
            for n, instances in attributes.items() if there else ():
                clash = {d for d in instances if d in known.get(n, {})} if only_new else set()
                wanted = 207 if clash else wanted
                fresh = {d: i for d, i in instances.items() if d not in clash}
                if fresh:
                    model.put(id_, n, fresh)
        elif verb == "update":
            answer = await provider.patch(f"{E}/{id_}/attrs", json=body(attributes))
            for n, instances in attributes.items() if there else ():
                fit = {d: i for d, i in instances.items() if d in known.get(n, {})}
                wanted = 207 if len(fit) < len(instances) else wanted
                if fit:
                    model.put(id_, n, fit)
        elif verb == "merge":
            patch = {n: body({n: {"": instance(chance, n, "")}})[n] for n in attributes}
            gone = chance.random() < 0.3
            if gone:
                patch = dict.fromkeys(patch, NULL)
            answer = await provider.patch(f"{E}/{id_}", json=patch)
            for n, one in patch.items() if there else ():
                have = known.get(n, {}).get("")
                if gone:
                    if have is not None:
                        model.drop(id_, n, "")
                else:
                    model.put(id_, n, {"": merged(have, one)})
        elif verb == "part":
            change = {
                **({"datasetId": dataset} if dataset else {}),
                "accuracy": {"type": "Property", "value": step},
            }
            answer = await provider.patch(f"{E}/{id_}/attrs/{name}", json=change)
            wanted = 204 if dataset in known.get(name, {}) else 404
            if wanted == 204:
                model.put(id_, name, {dataset: {**known[name][dataset], **change}})
        elif verb == "put":
            one = instance(chance, name, dataset)
            answer = await provider.put(f"{E}/{id_}/attrs/{name}", json=one)
            wanted = 204 if dataset in known.get(name, {}) else 404
            if wanted == 204:
                model.put(id_, name, {dataset: one})
        elif verb == "drop":
            every = chance.random() < 0.3
            params = {"deleteAll": "true"} if every else {"datasetId": dataset} if dataset else {}
            answer = await provider.delete(f"{E}/{id_}/attrs/{name}", params=params)
            wanted = 204 if known.get(name) and (every or dataset in known[name]) else 404
            if wanted == 204 and every:
                del known[name]
            elif wanted == 204:
                model.drop(id_, name, dataset)
        else:
            answer = await provider.delete(f"{E}/{id_}")
            model.entities.pop(id_, None)
        status = wanted if there or verb == "create" else 404
        assert answer.status_code == status, (step, verb, id_, name, answer.text)
        found = await provider.get(f"{E}/{id_}")
        if id_ in model.entities:
            assert found.json() == model.shown(id_), (step, verb)
        else:
            assert found.status_code == 404
    places = await city[Database].fetch("SELECT id, location, doc->'location' AS said FROM context.entity")
    assert {row["id"] for row in places} == model.entities.keys()
    for row in places:
        said = row["said"][0] if isinstance(row["said"], list) else row["said"]
        default = said if said and "datasetId" not in said else None
        wanted_place = tuple(default["value"]["coordinates"]) if default else None
        assert (row["location"] and tuple(row["location"])) == wanted_place


OPERATIONS = (
    "create",
    "replace",
    "append",
    "update",
    "merge",
    "part",
    "put",
    "drop",
    "delete",
    "create",
    "append",
)


def merged(have: Any, patch: Any) -> Any:
    """RFC 7396 with NGSI-LD's exception: a geometry is replaced as a whole."""
    if not isinstance(patch, dict) or not isinstance(have, dict):
        return patch
    out = dict(have)
    for key, value in patch.items():
        geometry = isinstance(value, dict) and "coordinates" in value
        out[key] = value if geometry else merged(have.get(key), value)
    return out


async def test_batches(provider: httpx.AsyncClient) -> None:
    both = [{"id": i, "type": "T", "a": 1} for i in IDS[:2]]
    made = await provider.post(f"{B}/create", json=both)
    assert (made.status_code, made.json()) == (201, list(IDS[:2]))
    again = await provider.post(
        f"{B}/create", json=[*both, {"id": IDS[2], "type": "T"}, {"id": "no uri", "type": "T"}]
    )
    assert again.status_code == 207
    assert again.json()["success"] == [IDS[2]]
    errors = {e["entityId"]: e["error"]["type"].rpartition("/")[2] for e in again.json()["errors"]}
    assert errors == {IDS[0]: "AlreadyExists", IDS[1]: "AlreadyExists", "no uri": "BadRequestData"}
    upserted = await provider.post(
        f"{B}/upsert",
        params={"options": "update"},
        json=[{"id": IDS[0], "type": "T", "b": 2}, {"id": "urn:x:new", "type": "T"}],
    )
    assert (upserted.status_code, upserted.json()) == (201, ["urn:x:new"])
    replaced = await provider.post(f"{B}/upsert", json=[{"id": IDS[1], "type": "T", "b": 2}])
    assert replaced.status_code == 204
    updated = await provider.post(
        f"{B}/update", params={"options": "noOverwrite"}, json=[{"id": IDS[0], "a": 9, "c": 3}]
    )
    assert updated.status_code == 204
    merged_ = await provider.post(
        f"{B}/merge", json=[{"id": IDS[0], "b": NULL}, {"id": IDS[1], "d": {"value": 4}}]
    )
    assert merged_.status_code == 204, merged_.text
    plain = {"options": "keyValues"}
    assert (await provider.get(f"{E}/{IDS[0]}", params=plain)).json() == {
        "id": IDS[0],
        "type": "T",
        "a": 1,
        "c": 3,
    }
    assert (await provider.get(f"{E}/{IDS[1]}", params=plain)).json() == {
        "id": IDS[1],
        "type": "T",
        "b": 2,
        "d": 4,
    }
    deleted = await provider.post(f"{B}/delete", json=[*IDS, "urn:x:none"])
    assert deleted.status_code == 207
    assert deleted.json()["success"] == list(IDS)
    assert (await provider.post(f"{B}/delete", json=["urn:x:new"])).status_code == 204
    assert (await provider.get(f"{E}/urn:x:new")).status_code == 404
    ld = {"content-type": "application/ld+json"}
    own = [{"@context": {"T": "https://m.example/T"}, "id": IDS[0], "type": "T"}]
    assert (await provider.post(f"{B}/upsert", json=own, headers=ld)).status_code == 201
    assert (await provider.get(f"{E}/{IDS[0]}")).json()["type"] == "https://m.example/T"
    assert (
        await provider.post(f"{B}/upsert", json=[{"id": IDS[0], "type": "T"}], headers=ld)
    ).status_code == 207


async def test_discovery(provider: httpx.AsyncClient) -> None:
    await provider.post(
        f"{B}/create",
        json=[
            {"id": IDS[0], "type": ["T", "U"], "a": 1},
            {"id": IDS[1], "type": "T", "a": {"object": "urn:x:1"}, "b": 1},
        ],
    )
    assert (await provider.get("/ngsi-ld/v1/types")).json()["typeList"] == ["T", "U"]
    details = (await provider.get("/ngsi-ld/v1/types", params={"details": "true"})).json()
    assert [(t["typeName"], t["attributeNames"]) for t in details] == [("T", ["a", "b"]), ("U", ["a"])]
    one = (await provider.get("/ngsi-ld/v1/types/T")).json()
    assert (one["id"], one["entityCount"]) == ("https://uri.etsi.org/ngsi-ld/default-context/T", 2)
    assert sorted(one["attributeDetails"][0]["attributeTypes"]) == ["Property", "Relationship"]
    assert (await provider.get("/ngsi-ld/v1/types/V")).status_code == 404
    assert (await provider.get("/ngsi-ld/v1/attributes")).json()["attributeList"] == ["a", "b"]
    found = (await provider.get("/ngsi-ld/v1/attributes/a")).json()
    assert found["typeNames"] == ["T", "U"]
    listed = (await provider.get("/ngsi-ld/v1/attributes", params={"details": "true"})).json()
    assert listed[1]["typeNames"] == ["T"]
