"""The rules of records: pure, without database or web."""

from yong.kernel.records.logic.forms import schema_of
from yong.kernel.records.logic.tables import SYSTEM, faults, relation_of, relations
from yong.kernel.records.logic.values import broken, check, checks_of

__all__ = ["SYSTEM", "broken", "check", "checks_of", "faults", "relation_of", "relations", "schema_of"]
