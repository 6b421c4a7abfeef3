"""What docs/how-to/answer-reports.md shows is what happens."""

import json
import re
import shlex
from pathlib import Path

import httpx
from tests.conftest import key_of
from tests.documents.files import png
from tests.portal.visitor import Visitor, report

from yong.kernel.base.city import City

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/answer-reports.md"


async def test_every_step_is_answered_as_the_page_says(city: City, client: httpx.AsyncClient) -> None:
    number, _ = await report(Visitor(client), photo=png())
    credentials = await key_of(city, "access.department_officer", district="330203")
    steps = re.findall(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(steps) == 5
    for command, expected in steps:
        words = shlex.split(command.replace("$NUMBER", number).replace("$KEY", credentials["x-api-key"]))
        assert words[:2] == ["curl", "-s"]
        headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        answer = await client.request(method, words[-1].removeprefix("$YONG"), json=body, headers=headers)
        pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
        assert re.fullmatch(pattern, answer.text, re.S), f"{command}\n{answer.text}\n{expected}"
