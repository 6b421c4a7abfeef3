"""The second defence of the logs: what looks like a secret or a person is taken out of every line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from yong.app.logs import scrubbed

CITIZEN = "11010519491231002X"  # the example of GB 11643
MOBILE = "13812345678"


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("postgresql://yong:hunter22@/yong?host=x", "hunter22"),
        ("nats://auth:wo.rd-1@127.0.0.1:4222", "wo.rd-1"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("device yd_AbCdEfGhIjKlMnOpQrSt refused", "AbCdEfGh"),
        ("password=hunter22 for duty", "hunter22"),
        ('{"api_key": "hunter22"}', "hunter22"),
        (f"row {CITIZEN} is wrong", CITIZEN),
        (f"call {MOBILE}", MOBILE),
        ("call +86 138-1234-5678", "1234-5678"),
    ],
)
def test_it_is_taken_out(line: str, gone: str) -> None:
    assert gone in line
    assert gone not in scrubbed(line)


@pytest.mark.parametrize(
    "line",
    [
        "110105194912310021 has a wrong check digit",
        "position 1234567890123456789 of the stream",
        "at 2026-11-24T00:30:38.840552Z, 1763944238840552 µs",
        "observed 13812345678901 readings, 121.5 13.812345678901",
        "the gate is shut code=bus-away",
        "http://127.0.0.1:8080/health",
    ],
)
def test_the_rest_stays(line: str) -> None:
    assert scrubbed(line) == line


@pytest.mark.parametrize("style", ["json", "text"])
def test_every_way_into_the_log_is_scrubbed(style: str) -> None:
    code = f"""
import logging, structlog
from yong.app import logs
from yong.kernel.base.settings import load
logs.configure(load({{"YONG_HOME": "/nonexistent", "YONG_LOG_FORMAT": "{style}"}}))
log = structlog.get_logger("x")
log.warning("first", password="hunter22", deep={{"a": ["{CITIZEN}"]}}, phone="{MOBILE}")
try:
    local = "hunter23"
    raise ValueError("no row {CITIZEN}, token=hunter24")
except ValueError:
    log.error("second", exc_info=True)
    logging.getLogger("library").exception("third {MOBILE}")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = ran.stderr
    for word in ("first", "second", "third", "ValueError"):
        assert word in said
    for secret in (CITIZEN, MOBILE, "hunter22", "token=hunter24"):
        assert secret not in said
    assert "hunter23" not in said  # the values of variables stay out
    if style == "json":
        assert json.loads(said.splitlines()[0])["password"] == "[redacted]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_line_that_cannot_be_written_stops_nobody() -> None:
    code = (
        "import structlog, logging; from yong.app import logs; from yong.kernel.base.settings import load;"
        "logs.configure(load({'YONG_HOME': '/nonexistent'}));"
        "structlog.get_logger('x').warning('a line'); logging.getLogger('y').warning('another'); print('done')"
    )
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=full, text=True, check=False
        )
    assert ran.stdout == "done\n"
