"""Expressions in plain words, for people who read no formulas."""

from yong.kernel.base.relation import Relation
from yong.kernel.base.text import Text
from yong.kernel.indicators.formulas.model import (
    Aggregate,
    Both,
    Compare,
    Condition,
    Kind,
    Not,
)
from yong.kernel.records.contracts import Operator

_KINDS = {
    Kind.COUNT: Text("{of}的数量", "How many {of}"),
    Kind.DISTINCT: Text("{of}中不同“{field}”的个数", "How many different “{field}” of {of}"),
    Kind.SUM: Text("{of}的“{field}”之和", "Sum of “{field}” of {of}"),
    Kind.AVG: Text("{of}的“{field}”平均值", "Mean of “{field}” of {of}"),
    Kind.MIN: Text("{of}的“{field}”最小值", "Least “{field}” of {of}"),
    Kind.MAX: Text("{of}的“{field}”最大值", "Greatest “{field}” of {of}"),
    Kind.MEDIAN: Text("{of}的“{field}”中位数", "Median of “{field}” of {of}"),
    Kind.PERCENTILE: Text("{of}的“{field}”第 {percent} 百分位", "Percentile {percent} of “{field}” of {of}"),
}
_HOW = {
    Operator.EQ: Text("“{f}”为 {v}", "“{f}” is {v}"),
    Operator.NE: Text("“{f}”不为 {v}", "“{f}” is not {v}"),
    Operator.LT: Text("“{f}”小于 {v}", "“{f}” below {v}"),
    Operator.LTE: Text("“{f}”不大于 {v}", "“{f}” at most {v}"),
    Operator.GT: Text("“{f}”大于 {v}", "“{f}” above {v}"),
    Operator.GTE: Text("“{f}”不小于 {v}", "“{f}” at least {v}"),
    Operator.IN: Text("“{f}”为 {v} 之一", "“{f}” is one of {v}"),
    Operator.PREFIX: Text("“{f}”以 {v} 开头", "“{f}” begins with {v}"),
    Operator.CONTAINS: Text("“{f}”含 {v}", "“{f}” contains {v}"),
}
_TRUE = {"true": Text("是：{f}", "{f}: yes"), "false": Text("否：{f}", "{f}: no")}
_NULL = {"true": Text("“{f}”未填", "no “{f}”"), "false": Text("已有“{f}”", "with “{f}”")}


def asked(one: Aggregate, of: Relation | None, by: str | None) -> Text:
    """What one aggregate asks for. `by` is the field that puts rows into a period."""
    title = of.title if of else Text(one.relation, one.relation)
    field = _field(of, one.field) if one.field else Text("", "")
    found = Text(
        _KINDS[one.kind].zh.format(of=title.zh, field=field.zh, percent=f"{one.percent or 0:g}"),
        _KINDS[one.kind].en.format(of=title.en.lower(), field=field.en, percent=f"{one.percent or 0:g}"),
    )
    if one.where is not None:
        condition = _condition(one.where, of)
        found = Text(f"{found.zh}，{condition.zh}", f"{found.en} where {condition.en}")
    if by:
        when = _field(of, by)
        return Text(f"{found.zh}（按“{when.zh}”计入周期）", f"{found.en}, in the period by “{when.en}”")
    return found


def _field(of: Relation | None, name: str) -> Text:
    known = of.field(name) if of else None
    return known.meaning if known else Text(name, name)


def _condition(condition: Condition, of: Relation | None) -> Text:
    match condition:
        case Compare(field=name, operator=operator, now=True):
            f = _field(of, name)
            return Text(
                _HOW[operator].zh.format(f=f.zh, v="统计时点"),
                _HOW[operator].en.format(f=f.en, v="the moment of counting"),
            )
        case Compare(field=name, operator=operator, value=value):
            f = _field(of, name)
            if operator is Operator.NULL:
                said = _NULL[value]
            elif operator is Operator.EQ and value in _TRUE:
                said = _TRUE[value]
            else:
                said = _HOW[operator]
            return Text(said.zh.format(f=f.zh, v=value), said.en.format(f=f.en, v=value))
        case Both(all=every, parts=several):
            told_ = [_condition(part, of) for part in several]
            zh, en = ("且", " and ") if every else ("或", " or ")
            return Text(f"（{zh.join(t.zh for t in told_)}）", f"({en.join(t.en for t in told_)})")
        case Not(part=part):
            inner = _condition(part, of)
            return Text(f"非（{inner.zh}）", f"not ({inner.en})")
