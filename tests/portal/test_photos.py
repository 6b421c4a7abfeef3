"""Photos with a report: added, looked at, taken away, kept with it once, opened by whom they concern."""

import httpx
import pytest
from tests.conftest import key_of
from tests.documents.files import jpeg, pdf, png
from tests.portal.visitor import GOOD, Forms, Visitor, report

from yong.domains.reports.service import keep
from yong.kernel.access import api as access
from yong.kernel.access.contracts import ANONYMOUS
from yong.kernel.base.city import City
from yong.kernel.base.services import Photo, Submission
from yong.kernel.documents import api as documents
from yong.kernel.documents.contracts import Belongs, Document
from yong.kernel.store.database import Database
from yong.portal import jobs
from yong.portal.routes.journeys import PHOTOS_BYTES

START = "/portal/services/reports.report"
OWN = access.system_caller("reports")
CAMERA = b"Secret Camera Works"


async def at_photos(client: httpx.AsyncClient) -> Visitor:
    visitor = Visitor(client)
    await visitor.go(START)
    await visitor.send()
    for step in ("what", "where", "details"):
        await visitor.send(**GOOD[step])
    assert visitor.path.endswith("/photos"), (visitor.path, visitor.faults)
    return visitor


async def kept(city: City, reference: str) -> list[Document]:
    return await documents.documents_of(city, OWN, Belongs("reports.report", reference))


def pictures(visitor: Visitor) -> list[str]:
    return [
        f["action"].removesuffix("/remove")
        for f in Forms(visitor.answer.text).forms
        if f["action"].endswith("/remove")
    ]


async def test_photos_come_with_the_report_without_camera_and_place(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = await at_photos(client)
    taken = jpeg(exif=True)
    assert CAMERA in taken
    await visitor.add(("one.jpg", taken, "image/jpeg"), ("two.png", png(), "image/png"))
    assert visitor.path.endswith("/photos"), visitor.faults
    first, second = pictures(visitor)
    seen = await visitor.http.get(first)
    assert (seen.headers["content-type"], seen.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert seen.content.startswith(b"\xff\xd8")
    assert CAMERA not in seen.content
    stranger = Visitor(client)
    assert (await stranger.http.get(first)).status_code != 200
    await visitor.send(f"{second}/remove")
    assert pictures(visitor) == [first]
    await visitor.add(("two.png", png(), "image/png"))
    await visitor.send()
    await visitor.send()
    assert visitor.path.endswith("/check")
    assert "2 added" in visitor.answer.text
    await visitor.send()
    assert visitor.path.endswith("/done")
    reference = (await city[Database].fetchval("SELECT reference FROM reports.report")) or ""
    found = await kept(city, reference)
    assert [d.media_type for d in found] == ["image/jpeg", "image/png"]
    assert {(d.owner, d.district, d.subject, d.personal.value) for d in found} == {
        ("cityops", "330203", None, "personal")
    }
    content = await documents.open_content(city, OWN, found[0].id)
    assert content.opened.read(0, found[0].bytes) == seen.content
    assert await city[Database].fetchval("SELECT count(*) FROM portal.photo") == 0
    assert (await stranger.http.get(f"/documents/{found[0].id}/content")).status_code in (401, 404)
    officer = await key_of(city, "access.department_officer", district="330203")
    opened = [
        (await client.get(f"/documents/{found[0].id}/content", headers=officer | more)).status_code
        for more in ({}, {"x-purpose": "cases.handling"})
    ]
    assert opened == [403, 200]


async def test_the_reporter_is_told_how_many_there_are_and_opens_them(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = Visitor(client)
    await visitor.sign_up()
    await visitor.go(START)
    await visitor.send()
    for step, filled in GOOD.items():
        if step == "photos":
            await visitor.add(("one.png", png(), "image/png"))
        await visitor.send(**filled)
    await visitor.send()
    reference = (await city[Database].fetchval("SELECT reference FROM reports.report")) or ""
    await visitor.go(f"/portal/progress/{reference}")
    assert "<dt>Photos</dt><dd>1</dd>" in visitor.answer.text
    [photo] = await kept(city, reference)
    assert (await visitor.http.get(f"/documents/{photo.id}/content")).status_code == 200
    stranger = Visitor(client)
    await stranger.go(f"/portal/progress/{reference}")
    assert "<dt>Photos</dt>" not in stranger.answer.text


@pytest.mark.parametrize(
    ("name", "content", "media", "why"),
    [
        ("a.jpg", b"no picture", "image/jpeg", "Photo 1 was not added"),
        ("a.jpg", png(), "image/jpeg", "Photo 1 was not added"),
        ("a.pdf", pdf(), "application/pdf", "Choose a JPEG, PNG or WebP picture"),
        ("a.svg", b"<svg onload=alert(1)>", "image/svg+xml", "Choose a JPEG, PNG or WebP picture"),
        ("a.jpg", jpeg(extra=b"<?php system($_GET[0]) ?>"), "image/jpeg", "Photo 1 was not added"),
    ],
)  # fmt: skip
async def test_what_is_no_photo_is_refused_and_keeps_nothing(
    city: City, client: httpx.AsyncClient, name: str, content: bytes, media: str, why: str
) -> None:
    visitor = await at_photos(client)
    await visitor.add((name, content, media))
    assert visitor.answer.status_code == 422
    [(key, said)] = visitor.faults
    assert key == "photos"
    assert why in said, said
    assert key in Forms(visitor.answer.text).ids
    assert await city[Database].fetchval("SELECT count(*) FROM portal.photo") == 0


async def test_there_are_limits(city: City, client: httpx.AsyncClient) -> None:
    visitor = await at_photos(client)
    await visitor.add(*((f"{n}.png", png((20 + n, 20)), "image/png") for n in range(4)))
    assert visitor.faults == [("photos", "At most 3 photos; remove one first")]
    await visitor.go(f"{START}/photos")
    assert len(pictures(visitor)) == 3
    assert 'type="file"' not in visitor.answer.text
    await visitor.send(f"{pictures(visitor)[0]}/remove")
    await visitor.add(("large.png", b"\x89PNG" + bytes(PHOTOS_BYTES), "image/png"))
    assert visitor.answer.status_code == 413
    form = Forms((await visitor.go(f"{START}/photos")).text).forms[-1]
    forged = await visitor.http.post(
        form["action"],
        data=form["fields"] | {"csrf": "0" * 40},
        files={"photos": ("a.png", png(), "image/png")},
    )
    assert forged.status_code == 403
    for body, media in (
        (b"x", "multipart/form-data"),
        (b"x", "text/plain"),
        (b"--b\r\nrubbish", "multipart/form-data; boundary=b"),
    ):
        said = await visitor.http.post(form["action"], content=body, headers={"content-type": media})
        assert said.status_code in (400, 403), (media, said.text)
    assert (
        await visitor.http.post(
            f"{START}/details/photos", data=form["fields"], files={"photos": ("a.png", png(), "image/png")}
        )
    ).status_code == 404
    await visitor.go(f"{START}/photos")
    assert len(pictures(visitor)) == 2


async def test_photos_go_with_the_answers_that_nobody_came_back_to(
    city: City, client: httpx.AsyncClient
) -> None:
    visitor = await at_photos(client)
    await visitor.add(("one.png", png(), "image/png"))
    await visitor.go(START)
    await visitor.send()  # begun anew
    assert await city[Database].fetchval("SELECT count(*) FROM portal.photo") == 0
    for step in ("what", "where", "details"):
        await visitor.send(**GOOD[step])
    await visitor.add(("one.png", png(), "image/png"))
    await city[Database].execute("UPDATE portal.answers SET seen_at = now() - interval '61 minutes'")
    await visitor.add(("two.png", png(), "image/png"))
    assert visitor.path == START
    await jobs.tidy(city)
    assert await city[Database].fetchval("SELECT count(*) FROM portal.photo") == 0


async def test_the_same_submission_again_keeps_no_photo_twice(city: City) -> None:
    values = {"category": "E01", "description": "x", "place": "y"}
    photos = tuple(Photo(media_type="image/png", content=png((20 + n, 20))) for n in range(2))
    sent = Submission(key="k", values=values, district="330203", photos=photos)
    for _ in range(2):
        receipt = await keep(city, ANONYMOUS, sent)
    assert len(await kept(city, receipt.reference)) == 2


async def test_a_report_without_photos_is_as_it_was(city: City, client: httpx.AsyncClient) -> None:
    number, _ = await report(Visitor(client))
    assert await kept(city, number) == []
