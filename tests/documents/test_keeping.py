"""Files are kept once, whole, and given out to whom the law lets."""

import asyncio
import base64
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.conftest import key_of
from tests.documents import files

from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unauthenticated
from yong.kernel.base.relation import Level, Personal
from yong.kernel.documents import api, blobs
from yong.kernel.documents.contracts import About, Belongs
from yong.kernel.documents.ranges import part
from yong.kernel.records import api as records
from yong.kernel.store.database import Database

OFFICER = "access.department_officer"
PDF = About(title="批复", media_type="application/pdf", personal=Personal.NO)
Callers = Callable[..., Caller]


def of_party(callers: Callers, party: str, **more: object) -> Caller:
    made = callers(OFFICER, party=party)
    mandates = tuple(msgspec.structs.replace(m, party=party) for m in made.mandates)
    return msgspec.structs.replace(made, mandates=mandates, **more)  # type: ignore[arg-type]


def content(city: City, digest: str) -> bytes:
    return blobs.file_of(city.settings.home, digest).read_bytes()


async def entries(city: City, action: str) -> list[dict[str, object]]:
    rows = await city[Database].fetch(
        "SELECT account, resource, facts FROM access.audit_entry WHERE action = $1 ORDER BY id", action
    )
    return [dict(row) for row in rows]


async def test_what_is_kept_is_found_whole_and_once(city: City, callers: Callers) -> None:
    caller = of_party(callers, "environment")
    made = [await api.keep(city, caller, files.pdf(), PDF) for _ in range(2)]
    assert made[0].sha256 == hashlib.sha256(files.pdf()).hexdigest()
    assert made[0].id != made[1].id
    assert [d for d, _ in blobs.every(city.settings.home)] == [made[0].sha256]
    assert not list(blobs.incoming(city.settings.home).iterdir())
    opened = await api.open_content(city, caller, made[1].id)
    assert opened.opened.read(0, 1 << 20) == files.pdf()
    assert opened.document == made[1]
    assert made[1].owner == "environment"
    assert made[1].filename == "批复.pdf"
    assert len(await entries(city, "documents.keep")) == 2
    report = await api.check(city, system_caller("documents"))
    assert (report.documents, report.blobs, report.faults) == (2, 1, [])


async def test_the_same_at_once_is_one_file(city: City, callers: Callers) -> None:
    caller = of_party(callers, "environment")
    made = await asyncio.gather(*(api.keep(city, caller, files.pdf(), PDF) for _ in range(12)))
    assert len({d.id for d in made}) == 12
    assert len(list(blobs.every(city.settings.home))) == 1
    assert content(city, made[0].sha256) == files.pdf()


WRONG = [
    ({"title": ""}, "/title"),
    ({"title": "a\nb"}, "/title"),
    ({"title": "x" * 201}, "/title"),
    ({"filename": "a.exe"}, "/filename"),
    ({"filename": "../a.pdf"}, "/filename"),
    ({"filename": "a\u202efdp.pdf"}, "/filename"),
    ({"owner": "a\tb"}, "/owner"),
    ({"retention": "no-such"}, "/retention"),
    ({"level": Level.CORE}, "/level"),
    ({"strip": True}, "/strip"),
    ({"sha256": "0" * 64}, "/sha256"),
    ({"sha256": "xyz"}, "/sha256"),
    ({"belongs": Belongs("no.such", "1")}, "/belongs/relation"),
    ({"belongs": Belongs("geo.boundary", "1")}, "/belongs/id"),
    ({"media_type": "image/png"}, "/content"),
    ({"media_type": "text/html"}, None),
]


@pytest.mark.parametrize(("change", "pointer"), WRONG)
async def test_what_is_wrong_is_told_and_changes_nothing(
    city: City, callers: Callers, change: dict[str, object], pointer: str | None
) -> None:
    caller = callers(OFFICER, district="33")
    about = msgspec.structs.replace(PDF, district="330203", **change)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        await api.keep(city, caller, files.pdf(), about)
    if pointer is not None:
        assert [p.pointer for p in refused.value.problems] == [pointer]
    assert not list(blobs.every(city.settings.home))
    assert not list(blobs.incoming(city.settings.home).iterdir())
    assert await city[Database].fetchval("SELECT count(*) FROM documents.file") == 0


async def test_a_file_over_its_limit_is_cut_short(city: City, callers: Callers) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"%PDF-1.7\n" + b"0" * (1 << 20)

    with pytest.raises(TooLarge):
        await api.keep(city, of_party(callers, "environment"), endless(), PDF)
    assert read <= 52
    assert not list(blobs.incoming(city.settings.home).iterdir())


async def test_nobody_reads_a_byte_for_who_may_not(city: City, callers: Callers) -> None:
    async def untouched() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    for caller, kind in (
        (Caller(account="anonymous"), Unauthenticated),
        (callers("access.operator"), Forbidden),
        (callers("access.system_admin"), Forbidden),
        (callers(OFFICER), Forbidden),  # for the whole city: officers are of a party or district
        (callers(OFFICER, district="330205"), Forbidden),
        (system_caller("records"), Forbidden),
    ):
        with pytest.raises(kind):
            await api.keep(city, caller, untouched(), PDF)


async def test_labels_decide_who_opens_and_every_reading_is_told(city: City, callers: Callers) -> None:
    caller = callers(OFFICER, district="3302")
    about = msgspec.structs.replace(PDF, district="330203", subject="resident-1", personal=Personal.PERSONAL)
    kept = await api.keep(city, caller, files.pdf(), about)
    with pytest.raises(Forbidden, match="purpose"):
        await api.open_content(city, caller, kept.id)
    stating = msgspec.structs.replace(caller, purpose="access.inspection")
    await api.open_content(city, stating, kept.id)
    told = await entries(city, "documents.open")
    assert [(e["resource"], e["facts"]["purpose"]) for e in told] == [  # type: ignore[index]
        (f"documents.document/{kept.id}", "access.inspection")
    ]
    elsewhere = callers(OFFICER, district="330205")
    with pytest.raises(NotFound):
        await api.read(city, elsewhere, kept.id)
    own = callers("access.resident", own=True, factors=("password",))
    with pytest.raises(NotFound):
        await api.read(city, msgspec.structs.replace(own, party="resident-2"), kept.id)
    mine = msgspec.structs.replace(own, party="resident-1")
    assert (await api.read(city, mine, kept.id)).id == kept.id
    with pytest.raises(Unauthenticated):
        await api.read(city, Caller(account="anonymous"), kept.id)


async def test_a_modules_documents_are_of_its_own_rows(city: City, callers: Callers) -> None:
    about = msgspec.structs.replace(PDF, belongs=Belongs("sensing.thing", "s-1"), district="330203")
    kept = await api.keep(city, system_caller("sensing"), files.pdf(), about)
    with pytest.raises(Forbidden):
        await api.keep(city, system_caller("environment"), files.pdf(), about)
    assert [
        d.id for d in await api.documents_of(city, system_caller("sensing"), Belongs("sensing.thing", "s-1"))
    ] == [kept.id]
    assert await api.documents_of(city, system_caller("environment"), Belongs("sensing.thing", "s-1")) == []
    officer = callers(OFFICER, district="3302")
    with pytest.raises(Invalid):  # there is no such thing
        await api.keep(city, officer, files.pdf(), about)
    values = {
        "code": "s-1",
        "type": "environment.air_station",
        "source": "live",
        "name_zh": "一",
        "name_en": "One",
    }
    await records.create(city, system_caller("sensing"), "sensing.thing", values, district="330203")
    await api.keep(city, officer, files.pdf(), about)
    assert len(await api.documents_of(city, officer, Belongs("sensing.thing", "s-1"))) == 2


async def test_a_row_that_was_rolled_back_leaves_content_that_goes(city: City) -> None:
    caller = system_caller("documents")
    try:
        async with city[Database].transaction() as connection:
            await api.keep(city, caller, files.pdf(), PDF, connection=connection)
            raise RuntimeError
    except RuntimeError:
        pass
    [(digest, _)] = list(blobs.every(city.settings.home))
    assert await api.sweep(city, caller) == 0  # not yet a day old
    path = blobs.file_of(city.settings.home, digest)
    long_ago = time.time() - 90_000
    os.utime(path, (long_ago, long_ago))
    kept = await api.keep(city, caller, files.pdf(), PDF)  # and now somebody has it
    os.utime(path, (long_ago, long_ago))
    assert await api.sweep(city, caller) == 0
    assert (await api.open_content(city, caller, kept.id)).opened.size == len(files.pdf())


async def test_the_sweep_and_a_keeper_never_cross(city: City) -> None:
    """Content that nobody has goes all the time, while the same is kept again and again: nobody's is lost."""
    caller = system_caller("documents")

    async def keep(n: int) -> str:
        return (await api.keep(city, caller, files.pdf(b"%% %d\n" % (n % 2)), PDF)).sha256

    async def sweep() -> None:
        for _ in range(20):
            await api.sweep(city, caller, grace_hours=0)

    results = await asyncio.gather(*(keep(n) for n in range(30)), sweep())
    assert len({r for r in results if r}) == 2
    assert (await api.check(city, caller)).faults == []


async def test_what_the_disk_lost_or_changed_is_found(city: City) -> None:
    caller = system_caller("documents")
    one = await api.keep(city, caller, files.pdf(), PDF)
    two = await api.keep(city, caller, files.pdf(b"%% two\n"), PDF)
    path = blobs.file_of(city.settings.home, one.sha256)
    path.write_bytes(path.read_bytes().replace(b"200", b"300"))
    blobs.file_of(city.settings.home, two.sha256).unlink()
    report = await api.check(city, caller)
    assert {f.document for f in report.faults} == {one.id, two.id}
    with pytest.raises(Conflict):
        await api.open_content(city, caller, two.id)


async def test_stripped_photos_keep_nothing_of_where_they_were_taken(city: City, callers: Callers) -> None:
    about = About(title="现场", media_type="image/jpeg", strip=True, personal=Personal.NO)
    photo = files.jpeg(exif=True, turn=8, extra=b"motion")
    kept = await api.keep(city, of_party(callers, "environment"), photo, about)
    assert b"Secret" not in content(city, kept.sha256)
    assert hashlib.sha256(content(city, kept.sha256)).hexdigest() == kept.sha256
    assert (kept.width, kept.height) == (64, 48)


async def test_lists_search_and_export_see_what_they_may(city: City, callers: Callers) -> None:
    caller = callers(OFFICER, district="3302")
    about = msgspec.structs.replace(PDF, district="330203")
    await api.keep(city, caller, files.pdf(), about)
    await api.keep(
        city,
        caller,
        files.pdf(),
        msgspec.structs.replace(about, title="某人的病历", personal=Personal.SENSITIVE),
    )
    page = await records.listing(city, caller, "documents.document", sort="created_at")
    assert [r.values["title"] for r in page.items] == ["批复", "application/pdf"]
    assert "病历" not in str([r.values for r in page.items])
    others = callers(OFFICER, district="330205")
    assert (await records.listing(city, others, "documents.document")).items == []


# --- over HTTP ---------------------------------------------------------------------------------------------------


async def officer_key(city: City) -> dict[str, str]:
    return await key_of(city, OFFICER, district="3302")


def metadata(**words: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())


async def test_a_file_goes_in_and_out_over_http(city: City, client: httpx.AsyncClient) -> None:
    key = await officer_key(city)
    about = {"title": "甬江 图", "personal": "no", "district": "330203", "filename": '甬 "江".png'}
    answer = await client.post(
        "/documents", params=about, content=files.png(), headers={**key, "content-type": "image/png"}
    )
    assert answer.status_code == 422
    about["filename"] = "甬 江.png"
    answer = await client.post(
        "/documents", params=about, content=files.png(), headers={**key, "content-type": "image/png"}
    )
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (await client.get(f"/documents/{made['id']}", headers=key)).json() == made
    url = f"/documents/{made['id']}/content"
    whole = await client.get(url, headers=key)
    assert whole.content.startswith(b"\x89PNG")
    assert whole.headers["etag"] == f'"{made["sha256"]}"'
    assert whole.headers["content-disposition"] == (
        "attachment; filename=\"_ _.png\"; filename*=UTF-8''%E7%94%AC%20%E6%B1%9F.png"
    )
    assert whole.headers["content-security-policy"].startswith("sandbox;")
    assert whole.headers.get_list("x-content-type-options") == ["nosniff"]
    shown = await client.get(url, params={"inline": "true"}, headers=key)
    assert shown.headers["content-disposition"].startswith("inline;")
    size = made["bytes"]
    for asked, status, expected in (
        ("bytes=0-9", 206, whole.content[:10]),
        (f"bytes={size - 5}-", 206, whole.content[-5:]),
        ("bytes=-5", 206, whole.content[-5:]),
        (f"bytes={size}-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=9-0", 200, whole.content),
        ("bytes=0-1,3-4", 200, whole.content),
        ("lines=0-1", 200, whole.content),
    ):
        got = await client.get(url, headers={**key, "range": asked})
        assert (got.status_code, got.content) == (status, expected), asked
    same = await client.get(url, headers={**key, "if-none-match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = await client.get(url, headers={**key, "range": "bytes=0-9", "if-range": '"other"'})
    assert other.status_code == 200
    assert (await client.get(url)).status_code == 401


async def test_a_phone_on_a_bad_network_gets_its_photo_through(city: City, client: httpx.AsyncClient) -> None:
    key = await officer_key(city)
    photo = files.jpeg((600, 400), exif=True)
    tus = {**key, "tus-resumable": "1.0.0"}
    offered = await client.options("/documents/uploads")
    assert offered.headers["tus-version"] == "1.0.0"
    said = metadata(
        filename="现场.jpg", filetype="image/jpeg", district="330203", personal="no", strip="true"
    )
    begun = await client.post(
        "/documents/uploads", headers={**tus, "upload-length": str(len(photo)), "upload-metadata": said}
    )
    assert begun.status_code == 201, begun.text
    url = begun.headers["location"]

    async def send(start: int, end: int, **more: str) -> httpx.Response:
        headers = {
            **tus,
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(start),
            **more,
        }
        return await client.patch(url, headers=headers, content=photo[start:end])

    async def offset() -> int:
        return int((await client.head(url, headers=tus)).headers["upload-offset"])

    assert await offset() == 0
    assert (await send(0, 1000)).headers["upload-offset"] == "1000"
    assert (await send(0, 1000)).status_code == 409
    assert (await send(2000, 3000)).status_code == 409
    wrong = base64.b64encode(hashlib.sha1(b"other").digest()).decode()  # noqa: S324
    refused = await send(1000, 2000, **{"upload-checksum": f"sha1 {wrong}"})
    assert (refused.status_code, refused.json()["status"]) == (460, 460)
    assert await offset() == 1000
    right = base64.b64encode(hashlib.sha256(photo[1000:2000]).digest()).decode()
    assert (await send(1000, 2000, **{"upload-checksum": f"sha256 {right}"})).status_code == 204
    assert (
        await client.patch(url, headers={**tus, "upload-offset": "2000"}, content=b"x")
    ).status_code == 415
    assert (await send(2000, 2001, **{"upload-checksum": "crc7 x"})).status_code == 400
    assert (await client.head(url, headers={**tus, "tus-resumable": "0.2.2"})).status_code == 412

    async def cut_off() -> AsyncIterator[bytes]:
        yield photo[2000:5000]
        raise ConnectionError

    headers = {**tus, "content-type": "application/offset+octet-stream", "upload-offset": "2000"}
    assert (await client.patch(url, headers=headers, content=cut_off())).status_code >= 500
    assert await offset() == 5000  # what came counts
    last = await send(5000, len(photo))
    assert last.status_code == 204
    done = (await client.get(url, headers=key)).json()
    assert done["document"] == done["id"]
    document = (await client.get(f"/documents/{done['document']}", headers=key)).json()
    assert (document["title"], document["width"]) == ("现场.jpg", 600)
    assert (await send(len(photo), len(photo))).status_code == 409
    somebody = await officer_key(city)
    assert (await client.get(url, headers=somebody)).status_code == 404


async def test_a_part_over_its_length_and_a_hostile_whole_are_refused(
    city: City, client: httpx.AsyncClient
) -> None:
    key = await officer_key(city)
    body = b"MZ\x90\0" + b"\0" * 96
    said = metadata(filename="a.pdf", filetype="application/pdf", district="330203")
    begun = await client.post(
        "/documents/uploads", headers={**key, "upload-length": "100", "upload-metadata": said}
    )
    url = begun.headers["location"]
    headers = {**key, "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    assert (await client.patch(url, headers=headers, content=body + b"x")).status_code == 413
    answer = await client.patch(url, headers=headers, content=body)
    assert answer.status_code == 422, answer.text
    assert (await client.get(url, headers=key)).status_code == 404
    assert not list(blobs.incoming(city.settings.home).iterdir())
    for length, said_, status in (
        ("99999999999", said, 400),
        (str(60 << 20), said, 413),
        ("5", metadata(filename="a.pdf", filetype="application/x-msdownload"), 422),
        ("5", "filename not-base64!", 400),
        ("5", metadata(filename="a.pdf", filetype="application/pdf", colour="red"), 400),
    ):
        headers = {**key, "upload-length": length, "upload-metadata": said_}
        answer = await client.post("/documents/uploads", headers=headers)
        assert answer.status_code == status, (said_, answer.text)


async def test_uploads_end_and_are_forgotten(city: City, client: httpx.AsyncClient) -> None:
    key = await officer_key(city)
    said = metadata(filename="a.pdf", filetype="application/pdf", district="330203")
    urls = []
    for _ in range(21):
        begun = await client.post(
            "/documents/uploads", headers={**key, "upload-length": "9", "upload-metadata": said}
        )
        urls.append(begun.headers.get("location"))
    assert begun.status_code == 429
    headers = {**key, "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    for url in urls[:2]:
        assert (await client.patch(url, headers=headers, content=b"%PDF")).status_code == 204
    assert (await client.delete(urls[0], headers=key)).status_code == 204
    assert (await client.get(urls[0], headers=key)).status_code == 404
    assert len(list(blobs.incoming(city.settings.home).iterdir())) == 1
    await city[Database].execute("UPDATE documents.upload SET expires_at = now()")
    assert (await client.get(urls[1], headers=key)).status_code == 404
    await api.sweep(city, system_caller("documents"))
    assert not list(blobs.incoming(city.settings.home).iterdir())
    assert await city[Database].fetchval("SELECT count(*) FROM documents.upload") == 0
    left = {
        n: blobs.incoming(city.settings.home) / n
        for n in ("new.part", "old.part", "new.upload", "old.upload")
    }
    for name, path in left.items():
        path.touch()
        days = 0 if name.startswith("new") else 5
        os.utime(path, (time.time() - days * 86_400,) * 2)
    await api.sweep(city, system_caller("documents"))
    assert sorted(p.name for p in blobs.incoming(city.settings.home).iterdir()) == ["new.part", "new.upload"]


def test_a_range_is_what_rfc_9110_says() -> None:
    assert part("bytes=2-3", 10) == (2, 4)
    assert part("bytes=2-99", 10) == (2, 10)
    assert part("bytes=-20", 10) == (0, 10)
    assert part("bytes=-", 10) is None
    assert part(None, 10) is None


def test_content_lies_where_its_digest_says(tmp_path: Path) -> None:
    assert (
        blobs.file_of(tmp_path, "ab" * 32).relative_to(tmp_path).as_posix()
        == f"documents/blobs/ab/{'ab' * 32}"
    )


def test_what_is_heavy_is_loaded_by_whoever_needs_it() -> None:
    program = "import sys, yong.app.bootstrap; print([m for m in ('PIL', 'typst', 'pyhanko', 'asn1crypto') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
