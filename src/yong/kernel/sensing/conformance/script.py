"""Scripts: what a device says step by step, and what it expects to hear and to be kept. TOML; see docs/how-to/check-a-device.md.

    door = "hj212"
    zh = "一号排口"
    en = "Outlet 1"

    [[step]]
    do = "send"
    hj212 = "QN={now_ms};ST=32;CN=2011;PW={word};MN={thing};Flag=5;CP=&&DataTime={now};w01018-Rtd=12.5,w01018-Flag=N&&"

    [[step]]
    do = "answer"
    has = {CN = "9014", QN = "{now_ms}"}

    [[step]]
    do = "readings"
    are = [{attribute = "cod", value = 12.5, unit = "M1", at = "{now_iso}"}]

Places in braces are filled: `thing`, `word`, what `[values]` and earlier answers (`keep`) give, and the moment at which
the script began: `now` (YYYYMMDDhhmmss of China), `now_ms`, `now_bcd`, `minute_bcd`, `now_iso`, `minute_iso`,
`now_unix`, each perhaps with seconds added (`{now-60}`).
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Malformed, NotFound
from yong.kernel.base.text import Text
from yong.kernel.sensing.tcp.china import bcd_of, digits_of

Door = Literal["mqtt", "http", "hj212", "sl651", "jtt808", "ais"]
DOORS: tuple[Door, ...] = ("mqtt", "http", "hj212", "sl651", "jtt808", "ais")
SCRIPT_BYTES = 1 << 20
STEPS = 1000
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)([+-]\d{1,9})?\}")
_Seconds = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Sl651Send(msgspec.Struct, forbid_unknown_fields=True):
    """A frame of a station: its function (two hexadecimal digits) and body (hexadecimal digits)."""

    function: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{2}$")]
    body: str
    centre: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1


class Jtt808Send(msgspec.Struct, forbid_unknown_fields=True):
    """A terminal's message: its id (four hexadecimal digits) and body (hexadecimal digits). Serials are counted."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{4}$")]
    body: str = ""
    edition: Literal[2013, 2019] = 2013


class MqttSend(msgspec.Struct, forbid_unknown_fields=True):
    """A PUBLISH."""

    topic: str
    payload: str
    qos: Literal[0, 1] = 1
    retain: bool = False


class HttpSend(msgspec.Struct, forbid_unknown_fields=True):
    """A report by POST, signed with the thing's credential."""

    payload: str
    type: str = "application/json"
    path: Annotated[str, msgspec.Meta(pattern="^/[^/]")] = "/sensing/things/{thing}/observations"


class Step(msgspec.Struct, tag_field="do", forbid_unknown_fields=True, kw_only=True):
    """A step; `zh` and `en` say in a few words what it is for."""

    zh: str = ""
    en: str = ""


class Connect(Step, tag="connect"):
    """Connect; the first `send` does so too. Over MQTT: sign on and subscribe to the thing's commands."""


class Disconnect(Step, tag="disconnect"):
    """Hang up."""


class Send(Step, tag="send"):
    """Say something: built for the door, or bytes as they are (`text`, `hex`)."""

    text: str | None = None
    hex: str | None = None
    hj212: str | None = None
    sl651: Sl651Send | None = None
    jtt808: Jtt808Send | None = None
    mqtt: MqttSend | None = None
    http: HttpSend | None = None


class Answer(Step, tag="answer"):
    """The door says something that has these fields; `keep` remembers some of its fields under names."""

    has: dict[str, str]
    within_s: _Seconds = 5.0
    keep: dict[str, str] = {}


class Reading(msgspec.Struct, forbid_unknown_fields=True):
    """A reading that must be kept; without `at` the newest of its attribute counts."""

    attribute: str
    value: Any
    unit: str | None = None
    at: str | None = None


class Readings(Step, tag="readings"):
    """Readings are kept, of the thing unless `entity` names another."""

    are: Annotated[list[Reading], msgspec.Meta(min_length=1)]
    entity: str = "{thing}"
    within_s: _Seconds = 10.0


class CommandStep(Step, tag="command"):
    """An operator commands the thing; `{command}` is the command's id from then on."""

    name: str
    arguments: dict[str, Any] = {}


class Commanded(Step, tag="commanded"):
    """The last command ends like this."""

    state: Literal["acknowledged", "failed"] = "acknowledged"
    within_s: _Seconds = 10.0


class Pause(Step, tag="pause"):
    """Wait."""

    s: _Seconds


class Closed(Step, tag="closed"):
    """The door hangs up."""

    within_s: _Seconds = 5.0


AnyStep = Connect | Disconnect | Send | Answer | Readings | CommandStep | Commanded | Pause | Closed


class Script(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A script. `values` are its own places, `units` of attributes as the thing's type declares them."""

    door: Door
    zh: str
    en: str
    steps: Annotated[list[AnyStep], msgspec.Meta(min_length=1, max_length=STEPS)] = msgspec.field(name="step")
    values: dict[str, str] = {}
    units: dict[str, str] = {}

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)


def read(text: str) -> Script:
    """A script. Raises Malformed and Invalid with what is wrong with it, and where."""
    if len(text) > SCRIPT_BYTES:
        raise Invalid(Text("脚本超过 1 MiB", "The script is over 1 MiB"))
    try:
        script = msgspec.convert(tomllib.loads(text), Script)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(_TOML, why=error) from None
    except msgspec.ValidationError as error:
        raise Invalid(_SHAPE, why=error) from None
    for number, step in enumerate(script.steps, 1):
        if isinstance(step, Send) and len(_given(step)) != 1:
            raise Invalid(_ONE, n=number)
    return script


def _given(step: Send) -> list[str]:
    return [name for name in ("text", "hex", *DOORS[2:5], *DOORS[:2]) if getattr(step, name) is not None]


def named(name: str) -> str:
    """The text of a reference script by its name, or of a file by its path. Raises NotFound."""
    if name in references():
        return (resources.files(__package__) / "scripts" / f"{name}.toml").read_text("utf-8")
    try:
        with Path(name).open("rb") as file:
            return file.read(SCRIPT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(_NO_SCRIPT, name=name, why=type(error).__name__) from None


def references() -> list[str]:
    """The names of the reference scripts that come along."""
    folder = resources.files(__package__) / "scripts"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def filled(text: str, values: Mapping[str, str], now_us: int) -> str:
    """A text with its places filled. Raises Invalid for a place that nothing fills."""

    def fill(found: "re.Match[str]") -> str:
        name, shift = found[1], int(found[2] or 0)
        if name in _MOMENTS:
            return _MOMENTS[name](now_us + shift * 1_000_000)
        if name not in values or found[2]:
            raise Unfilled(_NOTHING, place=found[0])
        return values[name]

    return _PLACE.sub(fill, text)


def _iso(micros: int) -> str:
    return clock.from_micros(micros).isoformat().replace("+00:00", "Z")


_MOMENTS: Mapping[str, Callable[[int], str]] = {
    "now": lambda at: digits_of(at)[:14],
    "now_ms": digits_of,
    "now_bcd": lambda at: bcd_of(at).hex().upper(),
    "minute_bcd": lambda at: bcd_of(at).hex().upper()[:10],
    "now_iso": _iso,
    "minute_iso": lambda at: _iso(at - at % 60_000_000),
    "now_unix": lambda at: str(at // 1_000_000),
}

_TOML = Text("脚本不是有效的 TOML：{why}", "The script is no TOML: {why}")
_SHAPE = Text("脚本有误：{why}", "The script is not right: {why}")
_ONE = Text("第 {n} 步应有且仅有一种内容", "Step {n} must say exactly one thing")
_NO_SCRIPT = Text("没有脚本 {name}（{why}）", "There is no script {name} ({why})")
_NOTHING = Text("脚本中的 {place} 没有值", "Nothing fills {place} in the script")


class Unfilled(Invalid):
    """A step speaks of what no step before has kept."""
