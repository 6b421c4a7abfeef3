"""Documents are kept for as long as the law says, held where a court asks, handed over whole."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import bagit
import httpx
import msgspec
import pytest
from PIL import Image
from tests.conftest import TestDatabase, key_of
from tests.documents import files

from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from yong.kernel.base.relation import Personal
from yong.kernel.documents import api, blobs, package
from yong.kernel.documents.contracts import About, Document, RetentionClass
from yong.kernel.store.database import Database

DOCUMENTS = system_caller("documents")
PDF = About(
    title="批复", media_type="application/pdf", personal=Personal.NO, retention="working", district="330203"
)
Callers = Callable[..., Caller]


@pytest.fixture
def archivist(callers: Callers) -> Caller:
    return callers("documents.archivist")


async def kept(city: City, **more: object) -> Document:
    return await api.keep(city, DOCUMENTS, files.pdf(), msgspec.structs.replace(PDF, **more))  # type: ignore[arg-type]


async def long_ended(city: City, database: TestDatabase, id: str, years: int = 2) -> None:
    """As if its matter had been closed years ago."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """UPDATE documents.file SET ended_at = now() - make_interval(years => $2), version = version + 1 WHERE id = $1""",
        id, years,
    )  # fmt: skip
    await owner.close()


async def test_what_is_due_goes_and_leaves_its_trace(
    city: City, database: TestDatabase, archivist: Caller
) -> None:
    one, two = await kept(city), await kept(city)
    ended = await api.end(city, archivist, one.id)
    assert ended.ended_at is not None
    with pytest.raises(Conflict):
        await api.end(city, archivist, one.id)
    assert await api.remove_due(city, DOCUMENTS) == 0  # the year after next at the earliest
    await long_ended(city, database, one.id)
    assert await api.remove_due(city, DOCUMENTS) == 1
    gone = await api.read(city, archivist, one.id)
    assert gone.removed_at is not None
    for refused in (api.open_content(city, archivist, one.id), api.hold(city, archivist, one.id, "x")):
        with pytest.raises(Conflict):
            await refused
    facts = await city[Database].fetchval(
        "SELECT facts FROM access.audit_entry WHERE action = 'documents.remove'"
    )
    assert (facts["sha256"], facts["retention"]) == (one.sha256, "working")
    assert await api.sweep(city, DOCUMENTS, grace_hours=0) == 0  # another document has the same content
    await api.end(city, archivist, two.id)
    await long_ended(city, database, two.id)
    assert await api.remove_due(city, DOCUMENTS) == 1
    assert await api.sweep(city, DOCUMENTS) == 0  # for a day it could still be brought back
    assert await api.sweep(city, DOCUMENTS, grace_hours=0) == 1
    assert not list(blobs.every(city.settings.home))
    past = await api.history(city, archivist, two.id)
    assert past[0].changed == ["removed_at"]
    assert past[-1].version == 1


async def test_what_was_not_ended_or_is_kept_for_good_stays(city: City, database: TestDatabase) -> None:
    for more, ended in (
        ({}, False),
        ({"retention": "permanent"}, True),
        ({"retention": None}, True),
        ({"retention": "years30"}, True),
    ):
        document = await kept(city, **more)
        if ended:
            await long_ended(city, database, document.id, years=29)
    assert await api.remove_due(city, DOCUMENTS) == 0


async def test_archives_go_only_when_somebody_approved(
    city: City, database: TestDatabase, archivist: Caller
) -> None:
    document = await kept(city, retention="years10")
    with pytest.raises(Conflict):
        await api.approve_removal(city, archivist, document.id)
    await long_ended(city, database, document.id, years=12)
    assert await api.remove_due(city, DOCUMENTS) == 0
    await api.approve_removal(city, archivist, document.id)
    await api.classify(city, archivist, document.id, "years30")  # that voids the approval
    await api.classify(city, archivist, document.id, "years10")
    assert await api.remove_due(city, DOCUMENTS) == 0
    await api.approve_removal(city, archivist, document.id)
    assert await api.remove_due(city, DOCUMENTS) == 1


async def test_a_hold_stops_any_removal(city: City, database: TestDatabase, archivist: Caller) -> None:
    document = await kept(city)
    await long_ended(city, database, document.id)
    first = await api.hold(city, archivist, document.id, "诉讼（2026）甬 01 号")
    second = await api.hold(city, archivist, document.id, "审计")
    assert (await api.read(city, archivist, document.id)).held
    assert await api.remove_due(city, DOCUMENTS) == 0
    with pytest.raises(Conflict):
        await api.approve_removal(city, archivist, document.id)
    with pytest.raises(asyncpg.CheckViolationError):  # whoever asks the database itself
        await city[Database].execute(
            "UPDATE documents.file SET removed_at = now(), version = version + 1 WHERE id = $1", document.id
        )
    for sql in ("DELETE FROM documents.file", "DELETE FROM documents.hold", "DELETE FROM documents.file_history",
                "UPDATE documents.file_history SET version = 9"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await city[Database].execute(sql)
    await api.lift_hold(city, archivist, document.id, first.id)
    with pytest.raises(NotFound):
        await api.lift_hold(city, archivist, document.id, first.id)
    assert [h.reason for h in await api.holds(city, archivist, document.id)] == ["审计"]
    assert await api.remove_due(city, DOCUMENTS) == 0
    await api.lift_hold(city, archivist, document.id, second.id)
    assert await api.remove_due(city, DOCUMENTS) == 1


async def test_a_hold_voids_an_approval(city: City, database: TestDatabase, archivist: Caller) -> None:
    document = await kept(city, retention="years10")
    await long_ended(city, database, document.id, years=12)
    await api.approve_removal(city, archivist, document.id)
    hold = await api.hold(city, archivist, document.id, "核查")
    await api.lift_hold(city, archivist, document.id, hold.id)
    assert await api.remove_due(city, DOCUMENTS) == 0


async def test_a_city_sets_its_own_classes(city: City, archivist: Caller, callers: Callers) -> None:
    own = RetentionClass(
        code="years15",
        title_zh="15年",
        title_en="15 years",
        years=15,
        basis_zh="市档案局规定",
        basis_en="City rule",
    )
    assert await api.set_retention(city, archivist, own) == 1
    with pytest.raises(Conflict):
        await api.set_retention(city, archivist, own)
    assert await api.set_retention(city, archivist, msgspec.structs.replace(own, years=16), 1) == 2
    with pytest.raises(Stale):
        await api.set_retention(city, archivist, own, 1)
    with pytest.raises(Invalid):
        await api.set_retention(city, archivist, msgspec.structs.replace(own, years=None, automatic=True), 2)
    with pytest.raises(Forbidden):
        await api.set_retention(city, callers("access.department_officer", district="3302"), own, 2)
    example = await city[Database].fetchval("SELECT example FROM documents.retention WHERE code = 'years30'")
    assert example is True
    thirty = msgspec.structs.replace(own, code="years30", years=30)
    await api.set_retention(city, archivist, thirty, 1)
    assert not await city[Database].fetchval("SELECT example FROM documents.retention WHERE code = 'years30'")


@pytest.mark.usefixtures("chinese")
async def test_a_package_is_a_bag_that_verifies(city: City, archivist: Caller, tmp_path: Path) -> None:
    documents = [await kept(city, filename="批复 100%.pdf"), await kept(city, title="二")]
    path = await api.hand_over(city, archivist, [d.id for d in documents], "宁波市城市运行中心")
    report = await api.check_package(city, archivist, path)
    assert (report.documents, report.bytes, report.faults) == (2, 2 * len(files.pdf()), [])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "bag")
    bagit.Bag(str(tmp_path / "bag")).validate()  # by a library that nobody here wrote
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        told = msgspec.json.decode(archive.read("documents.json"), type=list[Document])
        assert archive.read("bagit.txt") == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        assert archive.read("handover.pdf").startswith(b"%PDF")
    assert [d.id for d in told] == [d.id for d in documents]
    assert told[0].filename == "批复 100%.pdf"
    assert f"data/{documents[0].id}/批复 100_.pdf" in names

    def altered(name: str, content: bytes | None, extra: str | None = None) -> list[str]:
        out = io.BytesIO()
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
            for entry in source.infolist():
                if entry.filename != name:
                    target.writestr(entry, source.read(entry))
                elif content is not None:
                    target.writestr(entry, content)
            if extra:
                target.writestr(extra, b"x")
        return sorted(f.name for f in package.check(io.BytesIO(out.getvalue())).faults)

    first = f"data/{documents[0].id}/批复 100_.pdf"
    assert altered(first, files.pdf()) == []
    assert altered(first, files.pdf().replace(b"200", b"300")) == [first]
    assert altered(first, None) == ["bag-info.txt", first]
    assert altered("documents.json", b"[]") == ["documents.json"]
    assert altered("manifest-sha256.txt", b"") != []
    assert altered("", None, "data/extra.exe") == ["data/extra.exe"]
    with pytest.raises(Invalid):
        altered("bagit.txt", None)
    with pytest.raises(Invalid):
        package.check(io.BytesIO(b"no zip"))
    said = await city[Database].fetch(
        "SELECT resource FROM access.audit_entry WHERE action = 'documents.hand_over'"
    )
    assert len(said) == 2


@pytest.mark.usefixtures("chinese")
async def test_who_may_not_open_does_not_hand_over(city: City, archivist: Caller, callers: Callers) -> None:
    document = await kept(city, personal=Personal.PERSONAL)
    with pytest.raises(Forbidden, match="purpose"):
        await api.hand_over(city, archivist, [document.id], "x")
    with pytest.raises(Forbidden):
        await api.hand_over(city, callers("access.operator"), [document.id], "x")
    with pytest.raises(NotFound):
        await api.hand_over(city, archivist, ["no-such"], "x")
    path = await api.hand_over(
        city, msgspec.structs.replace(archivist, purpose="access.inspection"), [document.id], "x"
    )
    assert path.parent == blobs.incoming(city.settings.home)


@pytest.mark.usefixtures("chinese")
async def test_retention_over_http(city: City, client: httpx.AsyncClient) -> None:
    key = await key_of(city, "documents.archivist")
    document = await kept(city)
    base = f"/documents/{document.id}"
    held = await client.post(f"{base}/holds", json={"reason": "诉讼"}, headers=key)
    assert held.status_code == 201, held.text
    assert len((await client.get(f"{base}/holds", headers=key)).json()) == 1
    assert (await client.delete(f"{base}/holds/{held.json()['id']}", headers=key)).status_code == 204
    assert (
        await client.put(f"{base}/retention", json={"retention": "years10"}, headers=key)
    ).status_code == 200
    ended = await client.post(f"{base}/end", json={}, headers=key)
    assert ended.json()["retention"] == "years10"
    assert (await client.post(f"{base}/removal", headers=key)).status_code == 409
    changed = [p["changed"] for p in (await client.get(f"{base}/history", headers=key)).json()]
    assert changed[0] == ["ended_at"]
    packed = await client.post(
        "/documents/packages", json={"documents": [document.id], "source": "市局"}, headers=key
    )
    assert packed.status_code == 200, packed.text
    assert package.check(io.BytesIO(packed.content)).faults == []
    assert not list(blobs.incoming(city.settings.home).iterdir())
    rule = {"title_zh": "一", "title_en": "One", "years": 1, "basis_zh": "一", "basis_en": "One"}
    made = await client.put("/documents/retention-classes/one", json=rule, headers=key)
    assert made.json() == {"code": "one", "version": 1}
    listed = (await client.get("/documents/retention-classes", headers=key)).json()
    assert [(c["code"], c["example"]) for c in listed] == [
        ("permanent", True), ("years30", True), ("years10", True), ("one", False), ("working", True),
    ]  # fmt: skip


async def test_thumbnails_are_small_turned_and_bare(city: City, client: httpx.AsyncClient) -> None:
    photo = files.jpeg((900, 600), exif=True, turn=6)
    about = About(title="现场", media_type="image/jpeg", personal=Personal.NO)
    made = await api.keep(city, DOCUMENTS, photo, about)
    tag, small = await api.thumbnail(city, DOCUMENTS, made.id, 160)
    assert Image.open(io.BytesIO(small)).size == (107, 160)
    assert b"Secret" not in small
    assert (await api.thumbnail(city, DOCUMENTS, made.id, 160)) == (tag, small)
    with pytest.raises(Invalid):
        await api.thumbnail(city, DOCUMENTS, made.id, 161)
    with pytest.raises(NotFound):
        await api.thumbnail(city, DOCUMENTS, (await kept(city)).id, 160)
    for type_, content in (("image/png", files.png()), ("image/webp", files.webp())):
        one = await api.keep(city, DOCUMENTS, content, msgspec.structs.replace(about, media_type=type_))
        assert (await api.thumbnail(city, DOCUMENTS, one.id, 320))[1].startswith(b"\xff\xd8")
    key = await key_of(city, "documents.archivist")
    answer = await client.get(f"/documents/{made.id}/thumbnail", headers=key)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    again = await client.get(
        f"/documents/{made.id}/thumbnail", headers={**key, "if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


async def test_a_picture_that_cannot_be_decoded_costs_nothing_but_its_process(city: City) -> None:
    """Its structure is right, its data is rubbish: what was kept in good faith may still break a decoder."""
    made = await api.keep(
        city,
        DOCUMENTS,
        files.png_of(4000, 4000),
        About(title="x", media_type="image/png", personal=Personal.NO),
    )
    with pytest.raises(Invalid, match="decoded"):
        await api.thumbnail(city, DOCUMENTS, made.id, 160)


def test_a_package_of_the_same_documents_is_the_same(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from yong.kernel.documents.blobs import digest_of

    file = tmp_path / "f"
    file.write_bytes(b"content")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    document = Document(
        id="1", title="t", filename="f.txt", sha256=digest_of(file), media_type="text/plain", charset="utf-8", bytes=7,
        width=None, height=None, owner=None, district=None, subject=None, belongs=None, redacted_from=None, personal=Personal.NO,
        level=msgspec.convert("general", type=type(PDF.level)), retention=None, held=False, version=1, created_at=at,
        created_by="a", ended_at=None, removed_at=None,
    )  # fmt: skip
    for name in ("a", "b"):
        package.write(tmp_path / name, [(document, file)], "source", at, {})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    file.write_bytes(b"changed")
    with pytest.raises(Invalid):
        package.write(tmp_path / "c", [(document, file)], "source", at, {})
