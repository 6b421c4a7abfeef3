"""The pages on NGSI-LD, done as they say: every curl of them, in order, and the answers they show."""

import re
import shlex
from pathlib import Path

import httpx
import msgspec
import pytest

from yong.kernel.access import api as access
from yong.kernel.base.city import City
from yong.kernel.base.settings import Settings
from yong.kernel.records import api as records

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
COMMANDS = {"use-ngsi-ld.md": 18, "subscribe-to-changes.md": 5}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, notification_hosts="127.0.0.1")


def blocks(page: str) -> list[tuple[str, str]]:
    """The blocks of commands, each with the JSON that the page shows after it."""
    text = (HOW_TO / page).read_text("utf-8")
    found = re.findall(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", text, re.M | re.S)
    assert len(found) > 2
    return found


STATION = {"code": "A01", "kind": "air", "name_zh": "月湖", "name_en": "Moon Lake",
           "location": {"type": "Point", "coordinates": [121.55, 29.87]}}  # fmt: skip


@pytest.mark.parametrize("page", COMMANDS)
async def test_every_command_does_what_the_page_says(
    provider: httpx.AsyncClient, city: City, page: str
) -> None:
    await records.create(
        city, access.system_caller("environment"), "environment.station", STATION,
        owner="environment", district="330203",
    )  # fmt: skip
    key = provider.headers.pop("x-api-key")
    done = 0
    for commands, shown in blocks(page):
        answer = None
        for command in re.findall(r"^curl .*?(?=^curl |\Z)", commands, re.M | re.S):
            told = command.replace("$YONG", "http://yong.test").replace("$KEY", key)
            words = shlex.split(told, comments=True)[1:]
            refused = re.search(r"# (\d{3})$", command.strip())
            method, headers, body, url, get = "GET", {}, None, "", False
            while words:
                match words.pop(0):
                    case "-X":
                        method = words.pop(0)
                    case "-H":
                        name, _, value = words.pop(0).partition(": ")
                        headers[name] = value
                    case "-G":
                        get = True
                    case "-d":
                        body = f"{body}&{words.pop(0)}" if get and body else words.pop(0)
                    case word:
                        url = word
            if get:
                url, body = f"{url}?{body}", None
            answer = await provider.request(method, url, headers=headers, content=body)
            if refused:
                assert answer.status_code == int(refused[1]), (command, answer.text)
            else:
                assert answer.is_success, (command, answer.text)
            done += 1
        if shown:
            assert answer is not None
            assert answer.json() == msgspec.json.decode(shown)
    assert done == COMMANDS[page]
