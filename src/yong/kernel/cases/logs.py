"""The event log of cases as XES (IEEE 1849-2016), which process mining reads."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <global scope="trace"><string key="concept:name" value="UNKNOWN"/></global>
  <global scope="event"><string key="concept:name" value="UNKNOWN"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
    <string key="lifecycle:transition" value="complete"/></global>
  <classifier name="Activity" keys="concept:name"/>
"""


FOOT = "</log>\n"


def trace(case: Mapping[str, Any], happenings: Sequence[Mapping[str, Any]]) -> str:
    """A case (`number`, `procedure`, `class`, `outcome`) as a trace, its happenings as events in their order.

    Who did it stands as the party (`org:group`) alone: the log is about work, not about persons.
    """
    lines = ["  <trace>\n", _string("concept:name", case["number"], 4)]
    lines += [
        _string(f"yong:{key}", case[key], 4) for key in ("procedure", "class", "outcome") if case.get(key)
    ]
    return "".join([*lines, *map(_event, happenings), "  </trace>\n"])


def _event(happening: Mapping[str, Any]) -> str:
    name = happening["element"] if happening["what"] in ("task.done", "passed") else happening["what"]
    at: datetime = happening["at"]
    lines = [
        "    <event>\n",
        _string("concept:name", name or happening["what"], 6),
        f'      <date key="time:timestamp" value={quoteattr(at.astimezone(UTC).isoformat(timespec="milliseconds"))}/>\n',
        _string("lifecycle:transition", "complete", 6),
    ]
    if happening["party"]:
        lines.append(_string("org:group", happening["party"], 6))
    if happening["outcome"]:
        lines.append(_string("yong:outcome", happening["outcome"], 6))
    return "".join([*lines, "    </event>\n"])


def _string(key: str, value: object, indent: int) -> str:
    plain = "".join(c for c in str(value) if c in "\t\n\r" or c >= " ")  # what XML 1.0 can hold
    return f'{" " * indent}<string key="{escape(key)}" value={quoteattr(plain)}/>\n'
