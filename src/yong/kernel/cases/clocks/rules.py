"""Which limit a case has: the most specific rule of a table, always the same one, and why."""

from collections.abc import Iterable, Mapping
from datetime import date

from yong.kernel.base.errors import Invalid, Problem
from yong.kernel.base.text import Text
from yong.kernel.cases.clocks.contracts import Choice, Rule, When

MOST_RULES = 100_000


class Table:
    """Rules, found by the beginning of a class code.

    The most specific wins: the longest prefix, then most conditions, then fewest values in them, then the
    latest `valid_from`, then the id that sorts first. Raises Invalid with every fault of the rules.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_prefix: dict[str, list[Rule]] = {}
        seen: set[str] = set()
        problems: list[Problem] = []
        for n, rule in enumerate(rules):
            if n >= MOST_RULES:
                raise Invalid(_MOST, most=MOST_RULES)
            problems += [Problem(f"/{n}", fault.filled(id=rule.id)) for fault in _faults(rule, seen)]
            seen.add(rule.id)
            self._by_prefix.setdefault(rule.prefix, []).append(rule)
        if problems:
            raise Invalid(_FAULTS, problems=tuple(problems))
        for those in self._by_prefix.values():
            those.sort(key=_specific)
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def choose(self, code: str, facts: Mapping[str, str], day: date) -> Choice | None:
        """The rule of a case of this class with these facts on this day; None when no rule applies."""
        applying = [
            rule
            for length in self._lengths
            if length <= len(code)
            for rule in self._by_prefix.get(code[:length], ())
            if rule.valid_from <= day <= rule.valid_to and all(_holds(w, facts) for w in rule.when)
        ]
        if not applying:
            return None
        best, *others = applying
        return Choice(best, _why(best, others), tuple(rule.id for rule in others))


def _specific(rule: Rule) -> tuple[int, int, int, str]:
    values = sum(len(w.one_of) for w in rule.when)
    return -len(rule.when), values, -rule.valid_from.toordinal(), rule.id


def _holds(when: When, facts: Mapping[str, str]) -> bool:
    return facts.get(when.fact) in when.one_of


def _faults(rule: Rule, seen: set[str]) -> list[Text]:
    names = [w.fact for w in rule.when]
    return [
        text
        for text, wrong in (
            (_TWICE, rule.id in seen),
            (_UNNAMED, not rule.id),
            (_DAYS, rule.valid_to < rule.valid_from),
            (_FACTS, len(names) != len(set(names)) or not all(w.one_of for w in rule.when)),
        )
        if wrong
    ]


def _why(best: Rule, others: list[Rule]) -> Text:
    """What sets the rule apart from the next one that applied."""
    what = _conditions(best)
    if not others:
        return Text(f"唯一适用的规则：{what.zh}", f"the only rule that applies: {what.en}")
    second = others[0]
    reason = next(
        text
        for text, apart in (
            (_LONGER, len(best.prefix) > len(second.prefix)),
            (_MORE, len(best.when) > len(second.when)),
            (_NARROWER, _specific(best)[1] < _specific(second)[1]),
            (_LATER, best.valid_from > second.valid_from),
            (_FIRST, True),
        )
        if apart
    ).filled(other=second.id)
    n = len(others) + 1
    return Text(f"{n} 条规则适用，{reason.zh}：{what.zh}", f"of {n} rules that apply, {reason.en}: {what.en}")


def _conditions(rule: Rule) -> Text:
    zh = [f"类别 {rule.prefix}…" if rule.prefix else "所有类别"]
    en = [f"class {rule.prefix}…" if rule.prefix else "every class"]
    for when in rule.when:
        values = sorted(when.one_of)
        zh.append(f"{when.fact} 为 {'、'.join(values)}")
        en.append(f"{when.fact} is {' or '.join(values)}")
    return Text("，".join(zh), ", ".join(en))


_MOST = Text("规则最多 {most} 条", "At most {most} rules")
_FAULTS = Text("时限规则表有误", "The table of limits has faults")
_TWICE = Text("规则 {id} 重复", "The rule {id} is there twice")
_UNNAMED = Text("规则须有编号", "A rule needs an id")
_DAYS = Text("规则 {id} 的失效日早于生效日", "The rule {id} ends before it begins")
_FACTS = Text("规则 {id} 的条件重复或没有取值", "The rule {id} has a condition twice, or one without values")
_LONGER = Text("类别比 {other} 更具体", "its class is more specific than that of {other}")
_MORE = Text("条件比 {other} 更多", "it has more conditions than {other}")
_NARROWER = Text("条件比 {other} 更窄", "its conditions are narrower than those of {other}")
_LATER = Text("比 {other} 更晚生效", "it came into force later than {other}")
_FIRST = Text("与 {other} 同样具体，按编号在前", "it is as specific as {other} and its id comes first")
