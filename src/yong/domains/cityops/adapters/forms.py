"""What comes in by Open311: a form, and the parameters of a query. Whatever is wrong is told, all of it."""

import math
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from yong.domains.cityops.contracts import DEEPEST, FIELDS, REQUESTS, Asked, NewRequest
from yong.domains.cityops.logic.open311 import moment
from yong.kernel.base.errors import Malformed, NotFound, Problem
from yong.kernel.base.text import Text

_NO_FORM = Text(
    "应为 UTF-8 编码的表单（application/x-www-form-urlencoded）",
    "A form in UTF-8 is asked for (application/x-www-form-urlencoded)",
)
_TWICE = Text("给出了不止一次", "Given more than once")
_UNKNOWN = Text("没有这一项", "There is no such field")
_REQUIRED = Text("未给出", "Not provided")
_LONG = Text("最多 {most} 字", "At most {most} characters")
_DEGREES = Text("应为 WGS 84 的度数", "Degrees of WGS 84 are asked for")
_BOTH = Text("lat 与 long 须一起给出", "lat and long go together")
_PLACE = Text(
    "请给出 lat 与 long、address_string 或 address_id", "Give lat and long, address_string or address_id"
)
_URL = Text("应为 http 或 https 地址", "An address of http or https is asked for")
_CONTROL = Text("含有控制字符", "There are control characters in it")
_MOMENT = Text(
    "应为带时区的时刻，如 2026-05-01T00:00:00Z", "A moment with its zone is asked for: 2026-05-01T00:00:00Z"
)
_STATUS = Text("应为 open 或 closed", "open or closed")
_COUNT = Text("应为 1 至 {most} 的整数", "A whole number from 1 to {most}")
_MANY = Text("最多 {most} 个", "At most {most}")
_JURISDICTION = Text("没有 jurisdiction_id {id}", "There is no jurisdiction_id {id}")
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](\[\])?")
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# The form's fields beside attributes, and how long each may be. `account_id` is an application's own and not kept.
_LENGTHS = {
    "jurisdiction_id": 200, "api_key": 200, "service_code": 40, "lat": 40, "long": 40, "address_string": 200,
    "address_id": 128, "email": 200, "device_id": 200, "account_id": 200, "first_name": 60, "last_name": 60,
    "phone": 20, "description": 4_000, "media_url": 1_000,
}  # fmt: skip
_ASKED = frozenset(
    ("jurisdiction_id", "api_key", "service_request_id", "service_code", "start_date", "end_date", "status",
     "updated_after", "updated_before", "page", "page_size")
)  # fmt: skip
NAMES = tuple(_LENGTHS)
_IDS = 1_000


def jurisdiction(known: str, said: str | None) -> None:
    """Raise NotFound for a jurisdiction that is another's; without one there is but this city."""
    if said and known and said != known:
        raise NotFound(_JURISDICTION, id=said[:200])


def form(body: bytes) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """A form's fields, and its attributes by code. Raises Malformed with everything that is wrong with its shape."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=FIELDS,
            errors="strict",
            encoding="utf-8",
        )
    except ValueError:
        raise Malformed(_NO_FORM) from None
    fields: dict[str, str] = {}
    attributes: dict[str, tuple[str, ...]] = {}
    faults: list[Problem] = []
    for name, value in pairs:
        match = _ATTRIBUTE.fullmatch(name)
        if match:
            attributes[match[1]] = (*attributes.get(match[1], ()), value)
        elif name not in _LENGTHS:
            faults.append(Problem(f"/{_shown(name)}", _UNKNOWN))
        elif name in fields:
            faults.append(Problem(f"/{name}", _TWICE))
        else:
            fields[name] = value
            if len(value) > _LENGTHS[name]:
                faults.append(Problem(f"/{name}", _LONG.filled(most=_LENGTHS[name])))
        if _BAD.search(value) or _BAD.search(name):
            faults.append(Problem(f"/{_shown(name)}", _CONTROL))
    if faults:
        raise Malformed(None, problems=tuple(faults[:50]))
    return {k: v for k, v in fields.items() if v.strip()}, attributes


def _shown(name: str) -> str:
    return _BAD.sub("?", name[:100])


def request_of(fields: Mapping[str, str], attributes: Mapping[str, tuple[str, ...]]) -> NewRequest:
    """A request from a form. Raises Malformed with everything that is missing or wrong."""
    faults: list[Problem] = []
    if "service_code" not in fields:
        faults.append(Problem("/service_code", _REQUIRED))
    lat, long = (_degrees(fields, *one, faults) for one in (("lat", 90.0), ("long", 180.0)))
    if ("lat" in fields) != ("long" in fields):
        faults.append(Problem("/lat" if "long" in fields else "/long", _BOTH))
    if not fields.keys() & {"lat", "long", "address_string", "address_id"}:
        faults.append(Problem("/address_string", _PLACE))
    media = fields.get("media_url")
    if media and not _web(media):
        faults.append(Problem("/media_url", _URL))
    if faults:
        raise Malformed(None, problems=tuple(faults))
    return NewRequest(
        service_code=fields["service_code"],
        lat=lat,
        long=long,
        address=fields.get("address_string"),
        address_id=fields.get("address_id"),
        description=fields.get("description"),
        name=_name(fields.get("first_name"), fields.get("last_name")),
        phone=fields.get("phone"),
        email=fields.get("email"),
        device=fields.get("device_id"),
        media=media,
        attributes=attributes,
    )


def _degrees(fields: Mapping[str, str], name: str, most: float, faults: list[Problem]) -> float | None:
    if name not in fields:
        return None
    try:
        value = float(fields[name]) if fields[name].isascii() else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        faults.append(Problem(f"/{name}", _DEGREES))
        return None
    return value


def _web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", address)


def _name(first: str | None, last: str | None) -> str | None:
    """A name as it is written: the family's first where it is Chinese."""
    parts = [p.strip() for p in (first, last) if p and p.strip()]
    if len(parts) == 2 and not parts[1].isascii():
        return (parts[1] + parts[0])[:60]
    return " ".join(parts)[:60] or None


def asked_of(parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters of a query, those that are empty left out. Raises Malformed for one that is given twice.

    `service_code`, `service_request_id` and `status` may be declared several times, by the standard.
    """
    found: dict[str, str] = {}
    for name, value in parameters:
        if not value:
            continue
        if _BAD.search(value):
            raise Malformed(None, problems=(Problem(f"/{_shown(name)}", _CONTROL),))
        if name in found and name not in ("service_code", "service_request_id", "status"):
            raise Malformed(None, problems=(Problem(f"/{_shown(name)}", _TWICE),))
        found[name] = f"{found[name]},{value}" if name in found else value
    unknown = sorted(found.keys() - _ASKED)
    if unknown:
        raise Malformed(None, problems=tuple(Problem(f"/{_shown(n)}", _UNKNOWN) for n in unknown[:20]))
    return found


def asked(said: Mapping[str, str]) -> Asked:
    """Which requests a query asks for. Raises Malformed with everything that is wrong."""
    faults: list[Problem] = []
    moments = {}
    for name in ("start_date", "end_date", "updated_after", "updated_before"):
        moments[name] = moment(said[name]) if name in said else None
        if name in said and moments[name] is None:
            faults.append(Problem(f"/{name}", _MOMENT))
    states = _parts(said, "status", faults)
    if set(states) - {"open", "closed"}:
        faults.append(Problem("/status", _STATUS))
    page, size = (
        _count(said, *one, faults) for one in (("page", 1, DEEPEST), ("page_size", REQUESTS, REQUESTS))
    )
    found = Asked(
        ids=_parts(said, "service_request_id", faults), services=_parts(said, "service_code", faults), states=states,
        start=moments["start_date"], end=moments["end_date"], updated_after=moments["updated_after"],
        updated_before=moments["updated_before"], page=page, size=size,
    )  # fmt: skip
    if page * size > DEEPEST + REQUESTS:
        faults.append(Problem("/page", _COUNT.filled(most=DEEPEST // size + 1)))
    if faults:
        raise Malformed(None, problems=tuple(faults))
    return found


def _parts(said: Mapping[str, str], name: str, faults: list[Problem]) -> tuple[str, ...]:
    parts = tuple(
        dict.fromkeys(p.strip()[:100] for p in said.get(name, "").split(",", 2 * _IDS) if p.strip())
    )
    if len(parts) > _IDS:
        faults.append(Problem(f"/{name}", _MANY.filled(most=_IDS)))
    return parts


def _count(said: Mapping[str, str], name: str, default: int, most: int, faults: list[Problem]) -> int:
    text = said.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        faults.append(Problem(f"/{name}", _COUNT.filled(most=most)))
        return default
    return int(text)
