"""Every page in both languages and type sizes: status, titles, headers, labels, no script; forms that are ours."""

import re
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from tests.portal.visitor import GOOD, Forms, Visitor, report

from yong.app.http.front import Front
from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.services import Service
from yong.kernel.base.settings import load
from yong.kernel.records import api as records
from yong.portal.service.answering import boxes
from yong.portal.service.finding import Seen

START = "/portal/services/reports.report"
PAGES = (
    "/portal", "/portal/services", "/portal/services?q=%E4%BA%95%E7%9B%96", "/portal/services?q=nothing", START,
    "/portal/progress", "/portal/places", "/portal/data", "/portal/data/reports.progress", "/portal/sign-in",
    "/portal/sign-up", "/portal/nowhere", "/portal/progress/000000000000", "/portal/services/none",
)  # fmt: skip
XSS = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


def faults(answer: httpx.Response, language: str, large: bool) -> list[str]:
    """What is wrong with a page, whatever it says."""
    text, found = answer.text, []
    page = Forms(text)
    title = re.search(r"<title>(.+?) · Yong 甬</title>", text)
    checks = {
        "type": answer.headers["content-type"] == "text/html; charset=utf-8",
        "language": answer.headers["content-language"] == language,
        "not kept": answer.headers["cache-control"] == "no-store",
        "policy": "default-src 'none'" in answer.headers["content-security-policy"],
        "lang": f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in text,
        "large": ('class="large"' in text.partition("<head>")[0]) is large,
        "title": title is not None and bool(re.search("[\u4e00-\u9fff]", title[1])) is (language == "zh"),
        "heading": len(re.findall("<h1", text)) == 1,
        "skip link": 'class="skip" href="#main"' in text and 'id="main"' in text,
        "no script": page.wrong == [],
        "labels": all(control in page.labels for control in page.controls),
        "ids": len(page.ids) == len(set(page.ids)),
        "links": all(link.startswith(("/", "#")) for link in page.links),
        "viewport": 'content="width=device-width, initial-scale=1"' in text,
        "tokens": all(re.fullmatch("[0-9a-f]{40}", f["fields"].get("csrf", "")) for f in page.forms if f["method"] == "post"),
        "switch": any("view=" in link for link in page.links) and any("lang=" in link for link in page.links),
    }  # fmt: skip
    found += [name for name, holds in checks.items() if not holds]
    return found


@pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_holds(city: City, client: httpx.AsyncClient, language: str, large: bool) -> None:
    await records.create(
        city, access.system_caller("environment"), "environment.station",
        {"code": "s-1", "kind": "air", "location": {"type": "Point", "coordinates": [121.55, 29.87]},
         "name_zh": "一站", "name_en": "Station one"}, owner="environment", district="330203",
    )  # fmt: skip
    visitor = Visitor(client)
    await visitor.go(f"/portal?lang={language}&view={'large' if large else 'standard'}")
    wrong = {}
    for path in PAGES:
        answer = await visitor.go(path)
        assert answer.status_code == (404 if path in PAGES[-3:] else 200), path
        wrong[path] = faults(answer, language, large)
    number, _ = await report(Visitor(client))
    wrong["progress"] = faults(await visitor.go(f"/portal/progress/{number}"), language, large)
    await visitor.go(START)
    await visitor.send()
    for step, filled in GOOD.items():
        wrong[step] = faults(visitor.answer, language, large)
        if step == "photos":
            await visitor.add(("photo.jpg", b"no picture", "image/jpeg"))
        else:
            await visitor.send(**(dict.fromkeys(filled, "") if step != "contact" else {"contact_phone": "x"}))
        wrong[f"{step} with faults"] = faults(visitor.answer, language, large)
        assert visitor.answer.status_code == 422
        await visitor.send(**filled)
    assert visitor.path.endswith("/similar")
    for step in ("similar", "check", "done"):
        assert visitor.path.endswith(step)
        wrong[step] = faults(visitor.answer, language, large)
        if step != "done":
            await visitor.send()
    await visitor.sign_up()
    wrong["account"] = faults(visitor.answer, language, large)
    wrong["matters"] = faults(await visitor.go("/portal/matters"), language, large)
    assert {k: v for k, v in wrong.items() if v} == {}


async def test_the_choice_of_language_and_type_size_stays(client: httpx.AsyncClient) -> None:
    visitor = Visitor(client)
    await visitor.go("/portal/services?q=%E4%BA%95&lang=zh&view=large")
    links = Forms(visitor.answer.text).links
    assert "/portal/services?q=%E4%BA%95&lang=en" in links
    assert "/portal/services?q=%E4%BA%95&view=standard" in links
    await visitor.go("/portal")
    assert visitor.answer.headers["content-language"] == "zh"
    assert 'class="large"' in visitor.answer.text
    await visitor.go("/")  # the city's other pages speak it too
    assert visitor.answer.headers["content-language"] == "zh"
    await visitor.go("/portal?view=standard&lang=klingon")
    assert 'class="large"' not in visitor.answer.text
    assert visitor.answer.headers["content-language"] == "zh"
    for cookie in visitor.http.cookies.jar:
        assert cookie.has_nonstandard_attr("HttpOnly"), cookie


async def test_a_demo_says_so_on_every_page_and_another_city_does_not(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    assert 'class="phase"' not in (await visitor.go("/portal")).text
    city.settings = load({"YONG_HOME": str(city.settings.home), "YONG_DEMO": "true"})
    for path in PAGES:
        assert "its data is synthetic" in (await visitor.go(path)).text, path


async def test_a_form_that_is_not_ours_changes_nothing(client: httpx.AsyncClient) -> None:
    visitor, other = Visitor(client), Visitor(client)
    await visitor.go(START)
    await other.go(START)
    token = Forms(visitor.answer.text).forms[-1]["fields"]["csrf"]
    strange = Forms(other.answer.text).forms[-1]["fields"]["csrf"]
    assert token != strange
    cross = {"sec-fetch-site": "cross-site"}
    post = visitor.http.post
    answers = [
        await post(START, data={"other": "x"}),
        await post(START, data={"csrf": strange}),
        await post(START, data={"csrf": token}, headers=cross),
        await post("/portal/sign-in", data={"csrf": strange, "name": "x", "password": "y"}),
        await client.post(START, data={"csrf": token}),  # without the cookie
    ]
    assert [a.status_code for a in answers] == [403] * 5
    twice = {"content-type": "application/x-www-form-urlencoded"}
    answers.append(await post(START, content=f"csrf={token}&csrf={token}", headers=twice))
    assert answers[-1].status_code == 400
    assert all("text/html" in a.headers["content-type"] for a in answers)
    assert (await visitor.go(f"{START}/what")).url.path == START  # nothing was begun


RUBBISH = (
    (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
    (b"a=%ff", "application/x-www-form-urlencoded", 400),
    (b"a=%00", "application/x-www-form-urlencoded", 400),
    (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
    (b"&".join(b"a%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
    (b"{}", "application/json", 400),
    (b"--x\r\n", "multipart/form-data; boundary=x", 400),
    (b"", "application/x-www-form-urlencoded", 403),
)
TAKES_FORMS = ("/portal/sign-in", "/portal/sign-up", "/portal/progress", "/portal/places", f"{START}/what")
STRANGE = (
    "/portal/services/" + "x" * 101,
    "/portal/progress/%00",
    "/portal/data/" + quote(XSS),
    "/portal/services/a/b/c",
)


async def test_rubbish_and_strange_addresses_are_told_as_a_page(client: httpx.AsyncClient) -> None:
    for path in TAKES_FORMS:
        for content, media, status in RUBBISH:
            answer = await client.post(path, content=content, headers={"content-type": media})
            assert answer.status_code == status, (path, content[:20])
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert len(re.findall("<h1>", answer.text)) == 1
    for path in STRANGE:
        answer = await client.get(path)
        assert answer.status_code in (400, 404), path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text
    answer = await client.post("/portal/matters")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html; charset=utf-8")


async def test_what_breaks_inside_is_a_page_that_tells_nothing_of_it(
    city: City, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is 12345")

    monkeypatch.setattr("yong.portal.api.datasets", broken)
    answer = await client.get("/portal/data")
    assert answer.status_code == 500
    assert "12345" not in answer.text
    assert "<h1>Internal error</h1>" in answer.text


async def test_markup_in_every_line_stays_text(city: City, client: httpx.AsyncClient) -> None:
    visitor, bad = Visitor(client), quote(XSS)
    addresses = (
        f"/portal/services?q={bad}", f"/portal/places?q={bad}&district={bad}", f"/portal/sign-in?next={bad}",
        f"{START}?place={bad}", f"/portal?lang={bad}&x={bad}",
    )  # fmt: skip
    seen = [await visitor.go(path) for path in addresses]
    await visitor.go("/portal/progress")
    seen.append(await visitor.send(reference=XSS, code=XSS))
    await visitor.go("/portal/sign-up")
    seen.append(await visitor.send("/portal/sign-up", name=XSS, password=XSS, again=XSS))
    await visitor.go("/portal/sign-in")
    seen.append(await visitor.send("/portal/sign-in", name=XSS, password=XSS, code=XSS))
    await visitor.go("/portal/places")
    seen.append(await visitor.send(q=XSS, district=XSS, lon=XSS, lat=XSS))
    await visitor.go(START)
    await visitor.send(START, place=XSS)
    for step, filled in GOOD.items():
        seen.append(await visitor.send(**dict.fromkeys(filled, XSS)))
        if visitor.answer.status_code == 422:
            good = {
                k: v if k in ("category", "district", "contact_phone") else XSS for k, v in filled.items()
            }
            seen.append(await visitor.send(**(good | {k: "" for k in good if k.startswith("location")})))
        assert visitor.answer.status_code == 200, (step, visitor.faults)
    assert visitor.path.endswith("/check")
    seen.append(await visitor.send())
    number = "".join(re.findall(r'<strong class="number">([\d ]+)</strong>', visitor.answer.text)[0].split())
    seen.append(await visitor.go(f"/portal/progress/{number}"))
    await records.create(
        city, access.system_caller("environment"), "environment.station",
        {"code": "s-1", "kind": "air", "location": {"type": "Point", "coordinates": [121.55, 29.87]},
         "name_zh": XSS, "name_en": XSS}, owner="environment", district="330203",
    )  # fmt: skip
    city[Seen].places = None
    seen.append(await visitor.go("/portal/places"))
    for answer in seen:
        assert "<script" not in answer.text, answer.url
        assert "<img src=x" not in answer.text, answer.url
        assert Forms(answer.text).wrong == [], answer.url


async def test_places_by_name_district_and_distance(city: City, client: httpx.AsyncClient) -> None:
    for code, name, lon, district in (("a", "Pine", 121.50, "330203"), ("b", "Oak", 121.60, "330212"), ("c", "Elm", 121.70, "330212")):  # fmt: skip
        await records.create(
            city, access.system_caller("environment"), "environment.station",
            {"code": code, "kind": "air", "location": {"type": "Point", "coordinates": [lon, 29.87]},
             "name_zh": f"站{code}", "name_en": name}, owner="environment", district=district,
        )  # fmt: skip
    ring = [[121.5, 29.8], [121.65, 29.8], [121.65, 29.9], [121.5, 29.9], [121.5, 29.8]]
    await records.create(
        city, access.system_caller("geo"), "geo.boundary",
        {"code": "330212", "level": "district", "name": "鄞州区", "datum": "cgcs2000",
         "geometry": {"type": "Polygon", "coordinates": [ring]}}, owner="planning", district="330212",
    )  # fmt: skip
    visitor = Visitor(client)

    def names() -> list[str]:
        return re.findall("<h3>(.*?)</h3>", visitor.answer.text)

    await visitor.go("/portal/places")
    assert sorted(names()) == ["Elm", "Oak", "Pine"]
    assert "鄞州区</text>" in visitor.answer.text
    assert visitor.answer.text.count("<circle") == 3
    assert "A sketch, not a map" in visitor.answer.text
    await visitor.send(q="oak", district="")
    assert names() == ["Oak"]
    await visitor.send(q="", district="330212")
    assert sorted(names()) == ["Elm", "Oak"]
    await visitor.send(q="", district="", lon="121.69", lat="29.87")
    assert names() == ["Elm", "Oak", "Pine"]
    assert "1.0 km" in visitor.answer.text
    assert "121.69" not in str(visitor.answer.url)
    await visitor.send(lon="121.69", lat="")
    assert visitor.faults == [("lat", "Enter both longitude and latitude")]
    city.settings = load({"YONG_HOME": str(city.settings.home), "YONG_PORTAL_MAP": "false"})
    await visitor.go("/portal/places")
    assert "<svg" not in visitor.answer.text
    assert len(names()) == 3


async def test_the_open_data_is_what_anybody_may_read_and_its_links_work(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    await visitor.go("/portal/data")
    sets = [x for x in Forms(visitor.answer.text).links if x.startswith("/portal/data/")]
    assert {s.rpartition("/")[2] for s in sets} >= {"environment.aqi", "reports.progress", "ningbo.division"}
    assert "/portal/data/reports.report" not in sets
    assert (await visitor.go("/portal/data/reports.report")).status_code == 404
    for path in sets:
        await visitor.go(path)
        links = [x for x in Forms(visitor.answer.text).links if x.startswith("/records/")]
        assert links
        for link in links:
            assert (await visitor.http.get(link)).status_code == 200, link


def test_the_questions_of_every_service_have_boxes(city: City) -> None:
    """A journey may only ask for what the forms know how to ask, and every choice is there to be chosen."""
    for module, service in city.registry.of(Service):
        assert service.name.startswith(f"{module.name}.")
        names = [q.name for q in service.journey.questions] if service.journey else []
        assert not {"similar", "check", "done"} & set(names)
        assert len(set(names)) == len(names)
        for question in service.journey.questions if service.journey else ():
            for box in boxes(city, service.journey, question):  # type: ignore[arg-type]  # it has one
                assert box.choices or box.kind not in ("radios", "select"), box
                assert re.search("[\u4e00-\u9fff]", box.label.zh), box
                assert box.label.en, box


def test_every_text_of_the_templates_is_in_both_languages(city: City) -> None:
    folder = Path(__file__).resolve().parents[2] / "src/yong/portal/templates"
    for file in folder.rglob("*.html"):
        text = re.sub(r"\{[%{#].*?[%}#]\}", "", file.read_text("utf-8"), flags=re.S)
        assert not re.findall("[\u4e00-\u9fff]+", text.replace("甬", "").replace("。", "")), file.name
    assert Front(city.settings, city).app is not None
