"""Whatever officers are offered and choose, in whatever order: it is done, and a case is never left without a way on."""

import random
from typing import Any

import pytest
from tests.cases.conftest import Desks

PEOPLE = ("inspector", "supervision", "dispatcher", "supervisor", "water", "parks")
WORDS = {
    "mark": ("PUT", "marks", {"urgent": True, "note": "It hurries"}),
    "transfer": ("PUT", "unit", {"unit": "parks", "note": "It is theirs"}),
    "suspend": ("PUT", "suspension", {"note": "Until the road is open"}),
    "resume": ("DELETE", "suspension", None),
    "reopen": ("POST", "reopenings", {"note": "It is not in order"}),
    "ask": ("POST", "requests", {"kind": "suspend", "reason": "A pipe is ordered"}),
    "note": ("POST", "notes", {"note": "I was there"}),
}
STEPS, HOME = 22, 40


class Walk:
    """A case, and everything that anybody is offered to do with it."""

    def __init__(self, desks: Desks, case: str, seed: int) -> None:
        self.desks, self.case, self.chance = desks, case, random.Random(seed)
        self.trail: list[str] = []

    async def offered(self) -> tuple[str, list[tuple[str, str, str, dict[str, Any] | None]]]:
        """How the case is, and for everybody: who, in which words, at which door, with what."""
        found: list[tuple[str, str, str, dict[str, Any] | None]] = []
        for who in PEOPLE:
            answer = await self.desks.client.get(f"/cases/{self.case}", headers=self.desks.keys[who])
            if answer.status_code == 404:
                continue  # it does not lie with them
            case = answer.json()
            for task in case["tasks"]:
                for choice in task["choices"] if task["mine"] and task["state"] == "open" else ():
                    body: dict[str, Any] = {"choice": choice["name"], "note": "So it is"}
                    if "unit" in choice["needs"]:
                        body["units"] = self.chance.sample(("water", "parks"), self.chance.randint(1, 2))
                    if "class" in choice["needs"]:
                        body["class"] = "0101"
                    found.append((who, "POST", f"/tasks/{task['id']}/acts", body))
            asked = any(request["answer"] is None for request in case["requests"])
            for word in case["may"]:
                if word in WORDS and not (word == "ask" and asked):
                    method, door, body_ = WORDS[word]
                    found.append((who, method, f"/cases/{self.case}/{door}", body_))
            for request in case["requests"] if "answer" in case["may"] else ():
                if request["answer"] is None:
                    door = f"/cases/{self.case}/requests/{request['id']}/answer"
                    found.append((who, "PUT", door, {"granted": self.chance.random() < 0.5}))
        state = (await self.desks.case(self.case))["state"]
        return state, found

    async def goes(self, who: str, method: str, path: str, body: dict[str, Any] | None) -> None:
        self.trail.append(f"{who} {method} {path.rpartition('/')[2]} {body}")
        answer = await self.desks.client.request(method, path, headers=self.desks.keys[who], json=body)
        assert answer.status_code < 300, f"it was offered and refused: {answer.text}\n{self.told()}"

    def told(self) -> str:
        return "\n".join(self.trail)


@pytest.mark.parametrize("seed", range(6))
async def test_no_sequence_of_what_is_offered_leaves_a_case_without_a_way_out(
    desks: Desks, seed: int
) -> None:
    walk = Walk(desks, await desks.opened(), seed)
    for _ in range(STEPS):
        state, offered = await walk.offered()
        moves = [one for one in offered if not one[2].endswith(("notes", "marks"))]
        assert moves or state in ("closed", "merged"), walk.told()
        await walk.goes(*walk.chance.choice(offered))
    for _ in range(HOME):  # whoever wants it to end can bring it to its end
        state, offered = await walk.offered()
        if state == "closed":
            break
        acts = [one for one in offered if one[2].endswith("acts")]
        # A case that was never with a unit, and was opened again and sent to rework, is given to one by whoever steers.
        on = acts or [one for one in offered if one[1] == "DELETE" or one[2].endswith("unit")]
        assert on, f"{state}\n{walk.told()}"
        await walk.goes(*walk.chance.choice(on))
    else:
        pytest.fail(f"it goes round and round\n{walk.told()}")
    case = await desks.case(walk.case)
    assert case["outcome"]
    assert not [task for task in case["tasks"] if task["state"] == "open"]
    assert not [clock for clock in case["clocks"] if clock.get("state") == "running"]


async def test_units_side_by_side_all_see_the_case_for_as_long_as_they_have_a_task(desks: Desks) -> None:
    id_ = await desks.opened()
    await desks.does("inspector", id_, "verify", "confirm")
    await desks.does("supervision", id_, "file", "file", **{"class": "0101"})
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["water"])
    await desks.case(id_, "water")
    await desks.ask("parks", "GET", f"/cases/{id_}", 404)
    await desks.does("water", id_, "handle", "wrong_unit", note="It is a tree")
    await desks.does("dispatcher", id_, "dispatch", "dispatch", units=["water", "parks"])
    case = await desks.case(id_, "parks")
    [task] = [t for t in case["tasks"] if t["mine"] and t["state"] == "open"]
    rows = await desks.ask("parks", "GET", "/records/cases.case?limit=10")
    assert [row["values"]["id"] for row in rows["items"]] == [id_]
    assert (await desks.ask("parks", "GET", f"/cases/{id_}/documents")) == []
    await desks.ask("parks", "POST", f"/tasks/{task['id']}/acts", json={"choice": "done", "note": "Cut"})
    await desks.ask("parks", "GET", f"/cases/{id_}", 404)
    await desks.case(id_, "water")
