"""Covered copies of a case's photos: by whoever has the case, confirmed by a person, under a label of their own."""

import io
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.cases.conftest import PURPOSE, Desks
from tests.cases.test_case_away import uploaded
from tests.documents import files, scenes

from yong.kernel.base.city import City
from yong.kernel.store.database import Database

BOX = {"x": 8, "y": 6, "width": 20, "height": 16}


class Photos:
    """The photos of one case, which the unit `water` has."""

    def __init__(self, desks: Desks, client: httpx.AsyncClient, case: str, photo: str) -> None:
        self.desks, self.client, self.case, self.photo = desks, client, case, photo

    async def ask(
        self, who: str, method: str, path: str, status: int, *, purpose: bool = True, body: object = None
    ) -> Any:
        headers = {**self.desks.keys[who], **(PURPOSE if purpose else {}), "accept-language": "en"}
        answer = await self.client.request(
            method, f"/cases/{self.case}/documents{path}", headers=headers, json=body
        )
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.content if answer.headers["content-type"].startswith("image/") else answer.json()

    async def covered(self, who: str = "water", status: int = 201, of: str = "", **more: object) -> Any:
        body = {"boxes": [BOX], "looked": True, **more}
        return await self.ask(who, "POST", f"/{of or self.photo}/redactions", status, body=body)

    async def kept(self, content: bytes, media_type: str) -> str:
        """Something else that the unit keeps with the case."""
        said = {"title": "More", "belongs_to": "cases.case", "belongs_id": self.case, "owner": "water"}
        headers = {**self.desks.keys["water"], **PURPOSE, "content-type": media_type}
        answer = await self.client.post("/documents", content=content, params=said, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def listed(self, who: str = "water", *, purpose: bool = True) -> dict[str, Any]:
        return {one["id"]: one for one in await self.ask(who, "GET", "", 200, purpose=purpose)}


@pytest.fixture
async def photos(desks: Desks, client: httpx.AsyncClient) -> Photos:
    case = await desks.opened()
    photo = await uploaded(client, dict(desks.keys["inspector"]), case)
    await desks.ask("inspector", "POST", f"/cases/{case}/documents", 201, json={"document": photo})
    await desks.until_handled(case)
    return Photos(desks, client, case, photo)


async def test_a_covered_copy_lies_beside_the_photo_and_may_be_seen_without_a_purpose(
    city: City, photos: Photos
) -> None:
    copy = await photos.covered()
    assert (copy["redacted_from"], copy["shareable"], copy["media_type"]) == (
        photos.photo,
        True,
        "image/jpeg",
    )
    listed = await photos.listed()
    assert listed.keys() == {photos.photo, copy["id"]}
    assert not listed[photos.photo]["shareable"]
    assert listed[photos.photo]["may_redact"]
    plain = await photos.listed(purpose=False)
    assert plain[photos.photo]["title"] == "image/jpeg"
    assert plain[copy["id"]]["title"] == "照片（已遮盖）"  # not the photo's: that may name somebody
    made = await photos.ask("water", "GET", f"/{copy['id']}/content", 200, purpose=False)
    await photos.ask("water", "GET", f"/{photos.photo}/content", 403, purpose=False)
    picture = Image.open(io.BytesIO(made))
    assert (picture.size, dict(picture.getexif())) == ((64, 48), {})
    assert max(abs(c - 24) for c in picture.getpixel((18, 14))) <= 3  # type: ignore[union-attr, operator]
    case = await photos.desks.case(photos.case, "water")
    line = next(h for h in case["log"] if h["facts"].get("document") == copy["id"])
    assert (line["facts"]["redacted_from"], line["facts"]["boxes"]) == (photos.photo, 1)
    row = await city[Database].fetchrow(
        """SELECT f.personal, f.level, f.subject, f.owner_id, o.owner_id AS its_owner, f.created_by, a.account, a.facts
           FROM documents.file f JOIN documents.file o ON o.id = f.redacted_from
           JOIN access.audit_entry a ON a.action = 'documents.redact' AND a.resource = 'documents.document/' || f.id
           WHERE f.id = $1""",
        copy["id"],
    )
    assert row is not None
    assert (row["personal"], row["level"], row["subject"]) == ("no", "general", None)
    assert row["owner_id"] == row["its_owner"]
    assert row["created_by"] == row["account"]
    assert not row["account"].startswith("module:")
    assert {
        "redacted_from": photos.photo,
        "from_personal": "personal",
        "purpose": "cases.handling",
    }.items() <= row["facts"].items()


async def test_the_same_again_is_the_same_copy(photos: Photos) -> None:
    first, again, other = (
        await photos.covered(),
        await photos.covered(),
        await photos.covered(boxes=[]),  # nobody is on it, says who looked
    )
    assert first["id"] == again["id"] != other["id"]
    case = await photos.desks.case(photos.case, "water")
    told = [h["facts"]["document"] for h in case["log"] if h["what"] == "document"]
    assert told == [photos.photo, first["id"], other["id"]]


async def test_only_whoever_has_the_case_covers_its_photos_for_a_purpose(city: City, photos: Photos) -> None:
    body = {"boxes": [BOX], "looked": True}
    for method, path in (("GET", "redaction"), ("POST", "redactions"), ("DELETE", "redaction")):
        for who, status in (("inspector", 403), ("parks", 404), ("nobody", 403)):
            await photos.ask(
                who, method, f"/{photos.photo}/{path}", status, body=body if method == "POST" else None
            )
        said = await photos.ask(
            "water",
            method,
            f"/{photos.photo}/{path}",
            403,
            purpose=False,
            body=body if method == "POST" else None,
        )
        assert "cases.handling" in said["detail"]
    assert not (await photos.listed("inspector"))[photos.photo]["may_redact"]
    assert (await photos.listed("supervision"))[photos.photo]["may_redact"]
    assert await photos.listed() == {photos.photo: (await photos.listed())[photos.photo]}
    assert not await city[Database].fetchval(
        "SELECT count(*) FROM access.audit_entry WHERE action = 'documents.redact'"
    )


async def test_bad_boxes_change_nothing(photos: Photos) -> None:
    bad: list[tuple[dict[str, Any], int]] = [
        ({"looked": False}, 400),  # nobody looked
        ({"boxes": [{**BOX, "width": 0}]}, 422),
        ({"boxes": [{**BOX, "x": 64}]}, 422),  # beside it
        ({"boxes": [{**BOX, "x": 1 << 40}]}, 422),
        ({"boxes": [BOX] * 201}, 400),
        ({"title": "a\nb"}, 400),
        ({"title": "\u202egpj"}, 422),  # turns the direction of writing
    ]
    for more, status in bad:
        await photos.covered(status=status, **more)
    assert (await photos.listed()).keys() == {photos.photo}


async def test_a_copy_that_shows_too_much_is_withdrawn(city: City, photos: Photos) -> None:
    copy = await photos.covered()
    await photos.covered(of=copy["id"], status=409)
    await photos.ask("water", "DELETE", f"/{photos.photo}/redaction", 409)
    for _ in range(2):
        back = await photos.ask("water", "DELETE", f"/{copy['id']}/redaction", 200)
        assert (back["shareable"], back["may_redact"], back["redacted_from"]) == (False, False, photos.photo)
    await photos.ask("water", "GET", f"/{copy['id']}/content", 403, purpose=False)
    case = await photos.desks.case(photos.case, "water")
    assert [h["facts"]["document"] for h in case["log"] if h["what"] == "document.withdrawn"] == [copy["id"]]
    told = await city[Database].fetchval(
        "SELECT count(*) FROM access.audit_entry WHERE action = 'documents.withdraw_redaction'"
    )
    assert told == 1
    assert (await photos.covered())["id"] != copy["id"]


async def test_faces_are_looked_for_and_without_the_extra_it_says_so(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cv2", reason="the extra redact is absent")
    jpeg, drawn = scenes.portrait()
    street = await photos.kept(jpeg, "image/jpeg")
    found = await photos.ask("water", "GET", f"/{street}/redaction", 200)
    assert (found["width"], found["height"], found["searched"]) == (640, 480, True)
    assert "misses some" in found["note"]
    [box] = found["boxes"]
    assert box["what"] == "face"
    assert scenes.share(drawn.box, (box["x"], box["y"], box["width"], box["height"])) > 0.8
    (tmp_path / "cv2.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    by_hand = await photos.ask("water", "GET", f"/{street}/redaction", 200)
    assert (by_hand["searched"], by_hand["boxes"], by_hand["width"]) == (False, [], 640)
    assert "requirements/redact.lock" in by_hand["note"]
    assert (await photos.covered(of=street))["redacted_from"] == street


async def test_what_is_no_photo_is_not_covered(photos: Photos) -> None:
    letter = await photos.kept(files.pdf(), "application/pdf")
    assert not (await photos.listed())[letter]["may_redact"]
    await photos.covered(of=letter, status=404)
    await photos.ask("water", "GET", f"/{letter}/redaction", 404)
