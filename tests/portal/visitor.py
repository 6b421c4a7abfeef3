"""A person with a browser that has no scripts: follows links, fills forms, keeps cookies."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx

PASSWORD = "a phrase that I keep"


class Forms(HTMLParser):
    """The forms of a page: action, method and what is filled in already; labels, ids and what must not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.controls: list[str] = []
        self.links: list[str] = []
        self.wrong: list[str] = []
        self._select: str | None = None
        self._text: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "script" or any(k.startswith("on") or k == "style" for k in found) or tag == "style":
            self.wrong.append(f"{tag} {found}")
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form":
            form = {"action": found["action"], "method": found["method"], "fields": {}}
            self.forms.append(
                form | {"files": [], "multipart": found.get("enctype") == "multipart/form-data"}
            )
        if tag == "label":
            self.labels.add(found["for"])
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.controls.append(found.get("id", ""))
        fields = self.forms[-1]["fields"] if self.forms else {}
        if tag == "input" and found.get("type") == "file":
            self.forms[-1]["files"].append(found["name"])
        elif tag == "input" and (found.get("type") not in ("radio", "checkbox") or "checked" in found):
            fields[found["name"]] = found.get("value", "")
        if tag == "select":
            self._select = found["name"]
            fields[found["name"]] = ""
        if tag == "option" and self._select and "selected" in found:
            fields[self._select] = found["value"]
        if tag == "textarea":
            self._text = found["name"]
            fields[self._text] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1]["fields"][self._text] += data.removeprefix("\n")


class Visitor:
    """Somebody at the portal."""

    def __init__(self, client: httpx.AsyncClient, language: str = "en") -> None:
        self.http = httpx.AsyncClient(
            transport=client._transport, base_url="http://yong.test", headers={"accept-language": language}
        )
        self.answer: httpx.Response

    async def go(self, path: str) -> httpx.Response:
        """Open a page, and whatever it sends on to."""
        self.answer = await self.http.get(path, follow_redirects=True)
        return self.answer

    async def send(self, action: str | None = None, /, **filled: str) -> httpx.Response:
        """Fill the form (the one that leads to `action`, else the last) and send it; go where it leads."""
        forms = [f for f in Forms(self.answer.text).forms if f["method"] == "post"]
        form = next((f for f in forms if f["action"] == action), forms[-1])
        fields = form["fields"] | filled
        if form["multipart"]:
            await self.send_files(form, fields)
        else:
            self.answer = await self.http.post(form["action"], data=fields, follow_redirects=True)
        return self.answer

    async def send_files(
        self, form: dict[str, Any], fields: dict[str, str], *files: tuple[str, bytes, str]
    ) -> httpx.Response:
        """Send a form with files (name, content, media type); boxes left empty are sent as browsers do."""
        empty = ("", b"", "application/octet-stream")
        parts = [(name, file) for name in form["files"] for file in (files or (empty,))]
        if not parts:  # a form without a box for files, as it is once no more may be added
            parts = [("unused", empty)]
        self.answer = await self.http.post(form["action"], data=fields, files=parts, follow_redirects=True)
        return self.answer

    async def add(self, *files: tuple[str, bytes, str]) -> httpx.Response:
        """Choose files in the last form of the page and add them."""
        form = [f for f in Forms(self.answer.text).forms if f["method"] == "post"][-1]
        return await self.send_files(form, form["fields"] | {"then": "stay"}, *files)

    @property
    def heading(self) -> str:
        [found] = re.findall(r"<h1[^>]*>(.*?)</h1>", self.answer.text, re.S)
        return unescape(found)

    @property
    def path(self) -> str:
        return self.answer.url.path

    @property
    def faults(self) -> list[tuple[str, str]]:
        """The lines of the error summary: the id that each leads to, and its words."""
        found = re.search(r'<div class="summary".*?</div>', self.answer.text, re.S)
        return [
            (key, unescape(text))
            for key, text in re.findall(r'<a href="#(.*?)">(.*?)</a>', found[0] if found else "")
        ]

    async def sign_up(self, name: str = "resident-one", password: str = PASSWORD) -> None:
        await self.go("/portal/sign-up")
        await self.send("/portal/sign-up", name=name, password=password, again=password)


GOOD = {
    "what": {"category": "E01"},
    "where": {
        "district": "330203",
        "place": "中山东路 181 号",
        "location_lon": "121.55",
        "location_lat": "29.87",
    },
    "details": {"description": "井边有一堆垃圾\n已经三天"},
    "photos": {},
    "contact": {"contact_name": "王小明", "contact_phone": "13812345678"},
}


async def report(visitor: Visitor, *, photo: bytes | None = None, **other: dict[str, str]) -> tuple[str, str]:
    """The whole journey with good answers (or others, by question), perhaps a PNG; the number and the code."""
    await visitor.go("/portal/services/reports.report")
    await visitor.send()
    for step, filled in GOOD.items():
        assert visitor.path.endswith(step), (visitor.path, visitor.faults)
        if step == "photos" and photo:
            await visitor.add(("photo.png", photo, "image/png"))
        await visitor.send(**(filled | other.get(step, {})))
    if visitor.path.endswith("/similar"):
        await visitor.send()
    assert visitor.path.endswith("/check"), (visitor.path, visitor.faults)
    await visitor.send()
    assert visitor.path.endswith("/done"), visitor.answer.text
    number, code = re.findall(r'<strong class="number">(.*?)</strong>', visitor.answer.text)
    return number.replace(" ", ""), code.replace(" ", "")
