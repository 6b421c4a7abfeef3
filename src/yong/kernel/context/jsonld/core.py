"""The core context of NGSI-LD (ETSI GS CIM 009, annex B) as facts: its terms and the IRIs they stand for.

Three groups say it all: terms that stand for their own name in the NGSI-LD vocabulary, terms that stand for
another name there, and the few of other vocabularies.
"""

from typing import Any

NGSI_LD = "https://uri.etsi.org/ngsi-ld/"
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
GEOJSON = "https://purl.org/geojson/vocab#"
CORE_IRI = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"
CORE_IRIS = ("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context", "http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context",
             "https://uri.etsi.org/ngsi-ld/core-context")  # fmt: skip
"""How addresses of a core context begin, of whichever version; all of them mean the bundled one."""

_SAME = [
    "Attribute",
    "AttributeList",
    "ContextSourceIdentity",
    "ContextSourceNotification",
    "ContextSourceRegistration",
    "Date",
    "DateTime",
    "EntityType",
    "EntityTypeInfo",
    "EntityTypeList",
    "ExecutionResultDetails",
    "GeoProperty",
    "JsonProperty",
    "LanguageProperty",
    "ListProperty",
    "ListRelationship",
    "Notification",
    "Property",
    "Relationship",
    "Subscription",
    "TemporalProperty",
    "Time",
    "VocabProperty",
    "accept",
    "aggrMethods",
    "aggrParams",
    "aggrPeriodDuration",
    "attributeCount",
    "attributeDetails",
    "attributeList",
    "attributeName",
    "attributeNames",
    "attributeTypes",
    "attributes",
    "attrs",
    "avg",
    "cacheDuration",
    "contextSourceAlias",
    "contextSourceExtras",
    "contextSourceInfo",
    "contextSourceTimeAt",
    "contextSourceUptime",
    "cooldown",
    "createdAt",
    "csf",
    "data",
    "datasetId",
    "deletedAt",
    "detail",
    "distinctCount",
    "endAt",
    "endTimeAt",
    "endpoint",
    "entities",
    "entity",
    "entityCount",
    "entityId",
    "entityList",
    "error",
    "errors",
    "expandValues",
    "expiresAt",
    "format",
    "geoQ",
    "geoproperty",
    "georel",
    "idPattern",
    "information",
    "instanceId",
    "isActive",
    "join",
    "jsonKeys",
    "jsons",
    "lang",
    "lastFailure",
    "lastNotification",
    "lastSuccess",
    "linkedMaps",
    "localOnly",
    "location",
    "management",
    "managementInterval",
    "max",
    "min",
    "mode",
    "modifiedAt",
    "ngsildproof",
    "notUpdated",
    "notification",
    "notificationTrigger",
    "notifiedAt",
    "notifierInfo",
    "observationInterval",
    "observationSpace",
    "observedAt",
    "omit",
    "operationSpace",
    "operations",
    "pick",
    "propertyNames",
    "q",
    "reason",
    "receiverInfo",
    "refreshRate",
    "registrationId",
    "registrationName",
    "relationshipNames",
    "scope",
    "scopeQ",
    "showChanges",
    "startAt",
    "status",
    "stddev",
    "subscriptionId",
    "subscriptionName",
    "success",
    "sum",
    "sumsq",
    "sysAttrs",
    "temporalQ",
    "tenant",
    "throttling",
    "timeAt",
    "timeInterval",
    "timeout",
    "timeproperty",
    "timerel",
    "timesFailed",
    "timesSent",
    "totalCount",
    "triggerReason",
    "typeList",
    "typeName",
    "typeNames",
    "unchanged",
    "unitCode",
    "updated",
    "uri",
    "watchedAttributes",
]
_OTHERS = {
    "containedBy": "isContainedBy",
    "dataset": "hasDataset",
    "entityMap": "hasEntityMap",
    "joinLevel": "hasJoinLevel",
    "json": "hasJSON",
    "key": "hasKey",
    "languageMap": "hasLanguageMap",
    "languageMaps": "hasLanguageMaps",
    "object": "hasObject",
    "objectList": "hasObjectList",
    "objectLists": "hasObjectLists",
    "objects": "hasObjects",
    "objectType": "hasObjectType",
    "previousJson": "hasPreviousJson",
    "previousLanguageMap": "hasPreviousLanguageMap",
    "previousObject": "hasPreviousObject",
    "previousObjectList": "hasPreviousObjectList",
    "previousValue": "hasPreviousValue",
    "previousValueList": "hasPreviousValueList",
    "previousVocab": "hasPreviousVocab",
    "value": "hasValue",
    "valueList": "hasValueList",
    "valueLists": "hasValueLists",
    "values": "hasValues",
    "valueType": "hasValueType",
    "vocab": "hasVocab",
    "vocabs": "hasVocabs",
}
_GEOJSON = [
    "Feature",
    "FeatureCollection",
    "GeometryCollection",
    "LineString",
    "MultiLineString",
    "MultiPoint",
    "MultiPolygon",
    "Point",
    "Polygon",
    "bbox",
    "coordinates",
    "features",
    "geometry",
    "properties",
]

TERMS: dict[str, str] = {
    "ngsi-ld": NGSI_LD,
    "geojson": GEOJSON,
    "description": "http://purl.org/dc/terms/description",
    "title": "http://purl.org/dc/terms/title",
    "langString": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
    **{term: NGSI_LD + term for term in _SAME},
    **{term: NGSI_LD + other for term, other in _OTHERS.items()},
    **{term: GEOJSON + term for term in _GEOJSON},
}
IRIS: dict[str, str] = {iri: term for term, iri in TERMS.items()}


def is_core(address: str) -> bool:
    """Whether an address is that of a core context."""
    return address.startswith(CORE_IRIS)


def stored(iri: str) -> str:
    """The name under which something of this IRI is stored: a term of the core context, or the IRI itself."""
    term = IRIS.get(iri)
    if term is not None:
        return term
    if iri.startswith(DEFAULT):
        name = iri[len(DEFAULT) :]
        if name and ":" not in name and name[0] != "@" and name not in TERMS:
            return name
    return iri


def iri_of(name: str) -> str:
    """The inverse of :func:`stored`."""
    found = TERMS.get(name)
    if found is not None:
        return found
    return name if ":" in name or name[:1] == "@" else DEFAULT + name


def with_core(context: Any) -> Any:
    """A user's context with the core context behind it."""
    if context is None or context == CORE_IRI:
        return CORE_IRI
    return [*(context if isinstance(context, list) else [context]), CORE_IRI]
