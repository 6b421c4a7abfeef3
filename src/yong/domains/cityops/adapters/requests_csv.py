"""Requests as Boston's 311 publishes them: a CSV, plain or gzipped, a line a request, times in the city's own zone.

Columns read: CASE_ENQUIRY_ID, OPEN_DT, CLOSED_DT, CASE_TITLE, TYPE (the class), QUEUE (the team that handles it),
neighborhood, LATITUDE, LONGITUDE. All others are left alone.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yong.domains.cityops.contracts import PastRequest
from yong.domains.cityops.logic import code_of
from yong.kernel.base.errors import Invalid, Problem, TooLarge
from yong.kernel.base.text import Text

COLUMNS = (
    "CASE_ENQUIRY_ID", "OPEN_DT", "CLOSED_DT", "CASE_TITLE", "TYPE", "QUEUE", "neighborhood", "LATITUDE", "LONGITUDE",
)  # fmt: skip
MOST_BYTES, MOST_LINES = 200 << 20, 500_000
_FAULTS = 20
_DEFAULT_SHARE, _FEW = 0.05, 100
_FORMAT = "%m/%d/%Y %I:%M:%S %p"
_LACKS = Text("文件缺少列 {columns}", "The file lacks the columns {columns}")
_NO_FILE = Text("读不了文件 {file}", "The file {file} cannot be read")
_ZONE = Text("没有时区 {zone}", "There is no time zone {zone}")
_WRONG = Text("不是诉求记录：{why}", "Not a request: {why}")


def read(file: Path, zone: str) -> list[PastRequest]:
    """The requests of a file in the order of their opening. Raises Invalid with the lines that are wrong, TooLarge.

    A position that more than a twentieth of many requests share is where the system puts what has no place: none is kept.
    One that closed before it opened is kept as it opened, without its end.
    """
    try:
        local = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(_ZONE, zone=zone[:60]) from error
    try:
        rows = list(csv.DictReader(io.StringIO(_text(file), newline="")))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(_NO_FILE, file=file.name) from error
    if len(rows) > MOST_LINES:
        raise TooLarge
    if lacking := [c for c in COLUMNS if not rows or c not in rows[0]]:
        raise Invalid(_LACKS, columns=", ".join(lacking))
    here = Counter((row["LATITUDE"], row["LONGITUDE"]) for row in rows)
    nowhere = {at for at, n in here.items() if n > max(_FEW, _DEFAULT_SHARE * len(rows))}
    faults: list[Problem] = []
    found = list(_requests(rows, local, nowhere, faults))
    if faults:
        raise Invalid(None, problems=tuple(faults))
    return sorted(found, key=lambda r: (r.opened_at, r.id))


def _text(file: Path) -> str:
    with file.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    with gzip.open(file, "rb") if zipped else file.open("rb") as stream:
        body = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge
    return body.decode("utf-8-sig")


def _requests(
    rows: list[dict[str, str]], zone: ZoneInfo, nowhere: set[tuple[str, str]], faults: list[Problem]
) -> Iterator[PastRequest]:
    for line, row in enumerate(rows, start=2):
        try:
            yield _request(row, zone, nowhere)
        except (ValueError, TypeError, AttributeError) as error:
            if len(faults) < _FAULTS:
                faults.append(Problem(f"/{line}", _WRONG.filled(why=str(error)[:100])))


def _request(row: Mapping[str, str], zone: ZoneInfo, nowhere: set[tuple[str, str]]) -> PastRequest:
    opened = _moment(row["OPEN_DT"], zone)
    if opened is None:
        raise ValueError("OPEN_DT")
    closed = _moment(row["CLOSED_DT"], zone)
    id_, kind, queue = (row[c].strip() for c in ("CASE_ENQUIRY_ID", "TYPE", "QUEUE"))
    if not id_ or not kind:
        raise ValueError("CASE_ENQUIRY_ID, TYPE")
    at = row["LATITUDE"], row["LONGITUDE"]
    place = None if at in nowhere or not all(at) else (float(at[1]), float(at[0]))
    if place and not (-180 <= place[0] <= 180 and -90 <= place[1] <= 90):
        raise ValueError("LATITUDE, LONGITUDE")
    return PastRequest(
        id=id_, title=row["CASE_TITLE"].strip() or kind, opened_at=opened,
        closed_at=closed if closed and closed >= opened else None, class_=code_of(kind), class_title=kind,
        unit=code_of(queue or "none"), unit_title=queue or "–", location=place,
        place=row["neighborhood"].strip() or None,
    )  # fmt: skip


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    return datetime.strptime(text, _FORMAT).replace(tzinfo=zone).astimezone(UTC) if text else None
