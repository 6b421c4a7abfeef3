"""What crosses the door of context."""

from datetime import datetime
from typing import Any

import msgspec

RELATION = "context.entity_now"
TENANT_RELATION = "context.tenant_entity_now"
CHANGED, DELETED = "context.EntitiesChanged", "context.EntitiesDeleted"  # events


class Gone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a deleted entity was, as its event tells: whom that concerns follows from owner and district."""

    types: tuple[str, ...]
    owner: str | None = None
    district: str | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an entity is besides its attributes: written when a reading is the first, or it changed."""

    entity: str
    type: str
    owner: str | None = None
    district: str | None = None
    place: tuple[float, float] | None = None  # longitude, latitude
    source: str = "live"


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """An entity as it is now. `attributes` are NGSI-LD properties: {type, value, observedAt, unitCode}."""

    id: str
    type: str
    attributes: dict[str, dict[str, Any]]
    location: dict[str, Any] | None = (
        None  # a GeoJSON Point: where it says it is, else where it is registered
    )
    source: str
    district: str | None = None
    modified_at: datetime
