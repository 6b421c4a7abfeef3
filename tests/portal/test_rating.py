"""What residents think of how their reports were handled: said once it is over, by whom it concerns, and changed."""

import httpx
from tests.portal.visitor import Forms, Visitor, report

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.records import api as records
from yong.kernel.records.contracts import Record

OWN = access.system_caller("reports")


async def close(city: City, number: str) -> None:
    found = await records.read(city, OWN, "reports.report", number)
    values = {"state": "closed", "answer": "已清运"}
    await records.update(city, OWN, "reports.report", number, values, version=found.version or 1)


async def ratings(city: City) -> list[Record]:
    return (await records.listing(city, OWN, "reports.rating")).items


def rating_forms(visitor: Visitor) -> list[str]:
    return [f["action"] for f in Forms(visitor.answer.text).forms if f["action"].endswith("/rating")]


async def test_whoever_holds_the_code_rates_what_is_closed_and_changes_it(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    number, code = await report(visitor)

    async def look() -> None:
        await visitor.go("/portal/progress")
        await visitor.send(reference=number, code=code)

    await look()
    assert rating_forms(visitor) == []
    await close(city, number)
    await look()
    [form] = rating_forms(visitor)
    assert code not in form
    await visitor.send(form)
    assert visitor.faults == [("score", "Choose one")]
    await visitor.send(form, score="9")
    assert visitor.faults == [("score", "Choose one")]
    await visitor.send(form, score="2", words="x" * 501)
    assert visitor.faults == [("words", "This is too long")]
    assert "x" * 501 in visitor.answer.text
    assert await ratings(city) == []
    await visitor.send(form, score="2", words="三天才来")
    assert "Thank you for telling us." in visitor.answer.text
    await look()
    assert 'value="2" checked' in visitor.answer.text
    assert "三天才来" in visitor.answer.text
    await visitor.send(form, score="4", words="")
    [kept] = await ratings(city)
    assert (kept.values["score"], kept.values["words"], kept.owner, kept.district) == (
        4,
        None,
        "cityops",
        "330203",
    )


async def test_nobody_else_rates_it(city: City, client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    number, _ = await report(visitor)
    await close(city, number)
    await visitor.go(f"/portal/progress/{number}")
    [form] = rating_forms(visitor)  # who sent it signed in needs no code
    token = next(f["fields"]["csrf"] for f in Forms(visitor.answer.text).forms if f["action"] == form)
    stranger = Visitor(client)
    await stranger.go(f"/portal/progress/{number}")
    assert rating_forms(stranger) == []
    await stranger.go("/portal/progress")
    own_token = Forms(stranger.answer.text).forms[-1]["fields"]["csrf"]
    for data, status in (
        ({"csrf": own_token, "score": "1"}, 404),
        ({"csrf": own_token, "score": "1", "code": "AAAAAAAAAA"}, 404),
        ({"csrf": token, "score": "1"}, 403),
        ({"score": "1"}, 403),
    ):
        answer = await stranger.http.post(form, data=data)
        assert answer.status_code == status, (data, answer.text)
    assert await ratings(city) == []
    await visitor.send(form, score="5")
    [kept] = await ratings(city)
    assert kept.values["score"] == 5


async def test_it_is_not_rated_before_it_is_closed(city: City, client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    number, code = await report(visitor)
    await visitor.go("/portal/progress")
    token = Forms(visitor.answer.text).forms[-1]["fields"]["csrf"]
    answer = await visitor.http.post(
        f"/portal/progress/{number}/rating", data={"csrf": token, "code": code, "score": "5"}
    )
    assert answer.status_code == 409
    assert await ratings(city) == []
