"""What a script or an hour of listening came to: for people in their language, for programs as JSON."""

from collections.abc import Iterator, Sequence

import msgspec

from yong.kernel.base.text import Language, Text
from yong.kernel.sensing.conformance.findings import Finding


class StepReport(msgspec.Struct, frozen=True):
    """A step, by its number from 1: what it did, what it was for, what was wrong."""

    number: int
    does: str
    about: Text
    findings: tuple[Finding, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A device held against its door."""

    door: str
    thing: str
    title: Text
    messages: int
    steps: tuple[StepReport, ...]
    complete: bool = True  # every step was taken

    @property
    def errors(self) -> int:
        return sum(f.grave for step in self.steps for f in step.findings)

    @property
    def remarks(self) -> int:
        return sum(not f.grave for step in self.steps for f in step.findings)

    @property
    def conforms(self) -> bool:
        return self.complete and not self.errors

    def document(self) -> dict[str, object]:
        """For `--json`."""
        counts = {"conforms": self.conforms, "errors": self.errors, "remarks": self.remarks}
        return {**msgspec.to_builtins(self), **counts}


def lines(report: Report, language: Language) -> Iterator[str]:
    """The report as a person reads it."""
    yield f"{report.title.in_(language)} · {report.door} · {report.thing}"
    for step in report.steps:
        mark = "✗" if any(f.grave for f in step.findings) else "!" if step.findings else "✓"
        yield f"{mark} {step.number:>3} {step.does:<10} {step.about.in_(language)}".rstrip()
        yield from told(step.findings, language)
    yield verdict(report).in_(language)


def told(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    """Findings, one after the other, with the bytes that they are about."""
    for n, found in enumerate(findings):
        yield f"      {'✗' if found.grave else '!'} {found.text.in_(language)} [{found.rule}]"
        last = n + 1 == len(findings) or findings[n + 1].shown != found.shown
        if found.shown and last:
            yield f"          {found.shown}"


def verdict(report: Report) -> Text:
    """The last line."""
    if report.conforms:
        words = _CONFORMS
    elif report.complete:
        words = _NOT
    else:
        words = _CUT if report.messages or report.errors else _NOTHING
    return words.filled(n=report.messages, errors=report.errors, remarks=report.remarks)


_CONFORMS = Text("符合：{n} 条消息，{remarks} 条提示", "Conforms: {n} messages, {remarks} remarks")
_NOT = Text(
    "不符合：{n} 条消息，{errors} 处错误，{remarks} 条提示",
    "Does not conform: {n} messages, {errors} errors, {remarks} remarks",
)
_NOTHING = Text("不符合：没有收到消息", "Does not conform: nothing was said")
_CUT = Text(
    "不符合：未能走完脚本；{n} 条消息，{errors} 处错误，{remarks} 条提示",
    "Does not conform: the script was not played to its end; {n} messages, {errors} errors, {remarks} remarks",
)
