"""Papers set from templates, signed by the city, and verified."""

from collections.abc import Mapping
from datetime import datetime

from yong.kernel.access import api as access
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.text import Language
from yong.kernel.documents.contracts import DOCUMENT, Belongs
from yong.kernel.documents.rendering import setting
from yong.kernel.documents.rendering.setting import Templates
from yong.kernel.documents.service import rights
from yong.kernel.documents.signing import signing
from yong.kernel.store.database import Database


async def render(
    city: City, caller: Caller, template: str, data: Mapping[str, object], language: Language, at: datetime | None
) -> bytes:  # fmt: skip
    """A paper, for whoever may set those of the template's module."""
    rights.some_module(city, caller, "documents.render")
    access.authorize(city, caller, "documents.render", city[Templates].module(template))
    return await setting.render(city, template, data, language, at)


async def sign(
    city: City, caller: Caller, pdf: bytes, belongs: Belongs | None, reason: str, location: str | None
) -> bytes:  # fmt: skip
    """A PDF with the city's signature, for what it belongs to."""
    access.authorize(city, caller, "documents.sign", rights.target(city, belongs).name)
    signed = await signing.sign(city.settings, pdf, reason=reason, location=location)
    facts = {
        "reason": reason,
        "belongs_to": belongs.relation if belongs else None,
        "belongs_id": belongs.id if belongs else None,
    }
    async with city[Database].transaction() as connection:
        await access.audit(connection, caller, "documents.sign", DOCUMENT, facts)
    return signed
