"""The page on NGSI-LD, done as it says: every curl of it, in order, and the answers it shows."""

import re
import shlex
from pathlib import Path

import httpx
import msgspec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "use-ngsi-ld.md"


def blocks() -> list[tuple[str, str]]:
    """The blocks of commands, each with the JSON that the page shows after it."""
    found = re.findall(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(found) > 3
    return found


async def test_every_command_does_what_the_page_says(provider: httpx.AsyncClient) -> None:
    key = provider.headers.pop("x-api-key")
    done = 0
    for commands, shown in blocks():
        answer = None
        for command in re.findall(r"^curl .*?(?=^curl |\Z)", commands, re.M | re.S):
            words = shlex.split(command.replace("$YONG", "http://yong.test").replace("$KEY", key))[1:]
            method, headers, body, url = "GET", {}, None, ""
            while words:
                match words.pop(0):
                    case "-X":
                        method = words.pop(0)
                    case "-H":
                        name, _, value = words.pop(0).partition(": ")
                        headers[name] = value
                    case "-d":
                        body = words.pop(0)
                    case word:
                        url = word
            answer = await provider.request(method, url, headers=headers, content=body)
            assert answer.is_success, (command, answer.text)
            done += 1
        if shown:
            assert answer is not None
            assert answer.json() == msgspec.json.decode(shown)
    assert done == 12
