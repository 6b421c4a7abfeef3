"""Plays a script against a door and holds what it hears, and what is kept, against what the script expects."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
import msgspec

from yong.app.conform.inside import Inside, turns
from yong.app.conform.line import Address, Line
from yong.app.conform.report import Report, StepReport
from yong.kernel.base import clock
from yong.kernel.base.errors import Invalid, Unavailable
from yong.kernel.base.text import Text
from yong.kernel.sensing.conformance import payload, script, wires
from yong.kernel.sensing.conformance.findings import About, Finding, Rule, broken
from yong.kernel.sensing.conformance.script import (
    Answer,
    AnyStep,
    Closed,
    Commanded,
    CommandStep,
    Connect,
    Disconnect,
    Pause,
    Reading,
    Readings,
    Script,
    Send,
)

_FORMATS = {"application/json": "json", "application/senml+json": "senml"}

AWAY = Rule("door.away", Text("无法连接 {host}:{port}：{why}", "{host}:{port} cannot be reached: {why}"))
LOST = Rule("door.closed", Text("平台已断开连接{hint}", "The platform has closed the connection{hint}"))
SILENT = Rule(
    "door.silent",
    Text("{s:g} 秒内没有应答 {wanted}；收到 {heard}", "No answer {wanted} within {s:g} s; heard {heard}"),
)
OPEN = Rule("door.open", Text("{s:g} 秒后平台仍未断开", "The platform has not hung up after {s:g} s"))
ASIDE = Rule("kept.aside", Text("被归入死信：{why}", "Laid aside as a dead letter: {why}"))
MISSING = Rule("kept.missing", Text("{attribute} 没有入库{at}", "{attribute} is not kept{at}"))
VALUE = Rule(
    "kept.value", Text("{attribute} 为 {found}，应为 {right}", "{attribute} is {found}, should be {right}")
)
UNIT = Rule(
    "kept.unit",
    Text("{attribute} 的单位为 {found}，应为 {right}", "{attribute} is in {found}, should be in {right}"),
)
COMMAND = Rule(
    "command.state", Text("命令的状态为 {found}，应为 {right}", "The command is {found}, should be {right}")
)
UNKNOWN = Text("：未登记、未签发凭据或口令有误？", ": not registered, not enrolled, or a wrong word?")
_NOTHING = Text("", "")


class Player:
    """One play of a script; `patience` multiplies the times that its steps wait."""

    def __init__(
        self,
        of: Script,
        thing: str,
        word: str,
        address: Address | None,
        inside: Inside,
        patience: float = 1.0,
    ) -> None:
        self.about = About(thing=thing, word=word, units=of.units)
        self._script, self._address, self._inside = of, address, inside
        self._patience = patience
        self._began = clock.now().replace(microsecond=0)
        self._now_us = clock.micros(self._began)
        coded = word.encode().hex().upper()
        own = {"thing": thing, "word": word, "word_hex": coded, "word_length": f"{len(word) & 255:02X}"}
        self._values: dict[str, str] = {**of.values, **own}
        self._line: Line | None = None
        self._http: list[wires.Fields] = []
        self._messages = 0
        self._answered = False

    async def play(self) -> Report:
        """Take every step, or all up to one after which there is no going on."""
        done: list[StepReport] = []
        complete = True
        try:
            for number, step in enumerate(self._script.steps, 1):
                try:
                    findings = tuple(await _DOES[type(step)](self, step))
                except script.Unfilled:
                    if not any(one.findings for one in done):
                        raise
                    complete = False  # what did not come cannot be answered, and was told
                    break
                does = str(type(step).__struct_config__.tag)
                done.append(StepReport(number, does, self._words(step), findings))
                if any(f.rule in (AWAY.name, LOST.name) for f in findings):
                    complete = number == len(self._script.steps)
                    break
            if rest := await self._disconnect(Disconnect()):
                done[-1] = msgspec.structs.replace(done[-1], findings=(*done[-1].findings, *rest))
        finally:
            await self._hang_up()
        return Report(
            door=self._script.door, thing=self.about.thing, title=self._script.title,
            messages=self._messages, steps=tuple(done), complete=complete,
        )  # fmt: skip

    def _words(self, step: AnyStep) -> Text:
        if step.zh or step.en:
            return Text(step.zh or step.en, step.en or step.zh)
        said = _ABOUT.get(type(step), lambda s: "")(step)
        return Text(said, said)

    def _fill(self, text: str) -> str:
        return script.filled(text, self._values, self._now_us)

    # ------------------------------------------------------------ steps

    async def _connect(self, step: Connect) -> list[Finding]:
        await self._hang_up()
        if self._script.door == "http":
            return []
        assert self._address
        at, line = self._address, Line(self.about, self._script.door)
        try:
            await line.open(at)
        except (OSError, TimeoutError) as error:
            return [broken(AWAY, host=at.host, port=at.port, why=str(error) or type(error).__name__)]
        self._line, self._answered = line, False
        return self._taken()

    async def _disconnect(self, step: Disconnect) -> list[Finding]:
        found = self._taken() + (self._line.inspector.ended() if self._line else [])
        await self._hang_up()
        return found

    async def _send(self, step: Send) -> list[Finding]:
        if self._script.door == "http":
            return await self._post(step)
        if self._line is None:
            wrong = await self._connect(Connect())
            if wrong:
                return wrong
        assert self._line
        if self._line.closed:
            return [*self._taken(), broken(LOST, hint=_NOTHING if self._answered else UNKNOWN)]
        before = self._line.inspector.messages
        self._line.say(self._line.wire.bytes_of(step, self._fill))
        self._messages += self._line.inspector.messages - before
        return self._taken()

    async def _post(self, step: Send) -> list[Finding]:
        if step.http is None:
            raise Invalid(Text("HTTP 的消息写作 http = {…}", "What is said over HTTP is http = {…}"))
        body = self._fill(step.http.payload).encode()
        self._messages += 1
        form = _FORMATS.get(step.http.type, step.http.type)
        found = payload.check(form, body, self.about, clock.micros(clock.now()))
        headers = {"Authorization": f"Bearer {self.about.word}", "Content-Type": step.http.type}
        try:
            answer = await self._inside.client.post(self._fill(step.http.path), content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(
                Text("HTTP 无法访问：{why}", "HTTP cannot be reached: {why}"), why=type(error).__name__
            ) from None
        self._http.append({"status": str(answer.status_code), "body": answer.text[:2000]})
        return found

    async def _answer(self, step: Answer) -> list[Finding]:
        wanted = {name: self._fill(value) for name, value in step.has.items()}

        def fits(fields: wires.Fields) -> bool:
            return all(fields.get(name) == value for name, value in wanted.items())

        line = self._line
        if self._script.door == "http":
            found = self._http.pop() if self._http and fits(self._http[-1]) else None
            heard, closed, s = self._http, False, 0.0
        elif line is None:
            return [broken(LOST, hint=_NOTHING)]
        else:
            s = step.within_s * self._patience
            found = await line.hear(fits, s)
            heard, closed = line.inbox, line.closed
        if found is None:
            out = self._taken()
            out.append(
                broken(SILENT, s=s, wanted=_listed(wanted), heard="; ".join(map(_listed, heard[-3:])) or "–")
            )
            if closed:
                out.append(broken(LOST, hint=_NOTHING if self._answered else UNKNOWN))
            return out
        self._answered = True
        self._values |= {name: found.get(field, "") for name, field in step.keep.items()}
        return self._taken()

    async def _readings(self, step: Readings) -> list[Finding]:
        entity = self._fill(step.entity)
        out: list[Finding] = []
        for one in step.are:
            out += await self._reading(entity, one, step.within_s * self._patience)
        if any(f.rule == MISSING.name for f in out):
            why = await self._inside.letter(self.about.thing, self._began)
            out += [broken(ASIDE, why=why)] if why else []
        return self._taken() + out

    async def _reading(self, entity: str, wanted: Reading, within_s: float) -> list[Finding]:
        at = datetime.fromisoformat(self._fill(wanted.at)) if wanted.at else None
        right = self._fill(wanted.value) if isinstance(wanted.value, str) else wanted.value
        name = wanted.attribute
        wrong: list[Finding] = []
        async for _ in turns(within_s):
            point = await self._inside.point(entity, wanted.attribute, at)
            if point is None:
                when = f" ({at:%Y-%m-%d %H:%M:%S %Z})" if at else ""
                wrong = [broken(MISSING, attribute=name, at=when)]
                continue
            wrong = []
            if not _same(point["value"], right):
                wrong.append(broken(VALUE, attribute=name, found=_short(point["value"]), right=_short(right)))
            if wanted.unit is not None and (point.get("unit") or "") != wanted.unit:
                wrong.append(
                    broken(UNIT, attribute=name, found=point.get("unit") or "–", right=wanted.unit or "–")
                )
            if not wrong:
                break
        return wrong

    async def _command(self, step: CommandStep) -> list[Finding]:
        self._values["command"] = await self._inside.command(self.about.thing, step.name, step.arguments)
        return self._taken()

    async def _commanded(self, step: Commanded) -> list[Finding]:
        command = self._fill("{command}")
        within_s = step.within_s * self._patience
        state = await self._inside.command_state(
            self.about.thing, command, until=step.state, within_s=within_s
        )
        wrong = [broken(COMMAND, found=state, right=step.state)] if state != step.state else []
        return self._taken() + wrong

    async def _pause(self, step: Pause) -> list[Finding]:
        await asyncio.sleep(step.s)
        return self._taken()

    async def _closed(self, step: Closed) -> list[Finding]:
        within_s = step.within_s * self._patience
        ended = self._line is None or await self._line.ended(within_s)
        found = self._taken()
        await self._hang_up()
        return found if ended else [*found, broken(OPEN, s=within_s)]

    # ------------------------------------------------------------ the line

    def _taken(self) -> list[Finding]:
        """What was found on the line since the last step."""
        if self._line is None:
            return []
        found, self._line.findings = self._line.findings, []
        return found

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()


def _listed(fields: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_short(value)}" for name, value in fields.items() if value)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 120 else f"{text[:120]}…"


def _same(found: object, right: object) -> bool:
    numbers = isinstance(found, int | float) and isinstance(right, int | float)
    if numbers and not isinstance(found, bool) and not isinstance(right, bool):
        return abs(float(found) - float(right)) <= 1e-9 * max(1.0, abs(float(right)))  # type: ignore[arg-type]  # they are numbers
    return found == right


_DOES: Mapping[type, Callable[[Player, Any], Awaitable[list[Finding]]]] = {
    Connect: Player._connect,
    Disconnect: Player._disconnect,
    Send: Player._send,
    Answer: Player._answer,
    Readings: Player._readings,
    CommandStep: Player._command,
    Commanded: Player._commanded,
    Pause: Player._pause,
    Closed: Player._closed,
}
_ABOUT: Mapping[type, Callable[[Any], str]] = {
    Answer: lambda s: _listed(s.has),
    Readings: lambda s: ", ".join(r.attribute for r in s.are),
    CommandStep: lambda s: s.name,
    Commanded: lambda s: s.state,
    Pause: lambda s: f"{s.s:g} s",
}


@contextlib.asynccontextmanager
async def operator(url: str, key: str) -> AsyncIterator[Inside]:
    """The install at a URL, as an operator with a key sees it."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Inside(client, key)
