"""A module with registers of every kind, to be read as entities: personal data, references, two times, odd keys."""

from tests.records.sample import AREAS, POST, REPAIR, STATION, field

from yong.kernel.base.module import Module
from yong.kernel.base.relation import Mask, Personal, Relation, Type
from yong.kernel.base.text import Text
from yong.kernel.records.contracts import Table

PERSON = Table(
    name="sample.person",
    title=Text("人员", "Person"),
    subject="party",
    fields=(
        field("party", Type.TEXT),
        field("name_zh", Type.TEXT, personal=Personal.PERSONAL, mask=Mask.NAME),
        field("name_en", Type.TEXT, personal=Personal.PERSONAL, mask=Mask.NAME),
        field("illness", Type.TEXT, personal=Personal.SENSITIVE),
        field("type", Type.TEXT),
        field("desk", Type.REFERENCE, refers="sample.station", personal=Personal.PERSONAL, mask=Mask.NAME),
        field("hours", Type.NUMBER, unit="HUR"),
    ),
)
ODD_KEYS = (("a~b", 1, "2026-01-01T00:00:00Z"), ("a", 2, "2026-01-01T00:00:00.5Z"), ("甲 /?%", -3, "1999-12-31T23:00:00Z"),
            ("", 0, "2026-01-01T00:00:00Z"), ("é,;(x)\u3000", 9, "2026-01-01T00:00:00Z"))  # fmt: skip
LOG = Relation(
    name="sample.log",
    title=Text("日志", "Log"),
    key=("who", "n", "at"),
    fields=(field("who", Type.TEXT), field("n", Type.INTEGER), field("at", Type.MOMENT)),
    sql="SELECT * FROM (VALUES "
    + ", ".join(f"('{who}'::text, {n}::bigint, '{at}'::timestamptz)" for who, n, at in ODD_KEYS)
    + ", (NULL, 7, now())) AS v (who, n, at)",
)
PATIENT = Relation(
    name="sample.patient",
    title=Text("患者", "Patient"),
    key=("name",),
    fields=(field("name", Type.TEXT, personal=Personal.PERSONAL, mask=Mask.NAME), field("n", Type.INTEGER)),
    sql="SELECT * FROM (VALUES ('张三', 1), ('张四', 2)) AS v (name, n)",
)
MODULE = Module(
    name="sample",
    package="tests.context",
    title=Text("样例", "Sample"),
    needs=("records",),
    declares=(AREAS, STATION, REPAIR, POST, PERSON, LOG, PATIENT),
)
