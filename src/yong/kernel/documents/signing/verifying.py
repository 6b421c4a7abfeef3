"""PDFs verified, in a process of its own: whoever hands one in may have made it to harm."""

import base64

import msgspec

from yong.kernel.base.city import City
from yong.kernel.base.errors import TooLarge
from yong.kernel.base.text import Text
from yong.kernel.documents import apart
from yong.kernel.documents.contracts import SignatureReport
from yong.kernel.documents.extra import need
from yong.kernel.documents.signing import keys
from yong.kernel.documents.signing.worker import Work

WITHIN_S, PDF_BYTES, MEMORY_BYTES = 30.0, 50 << 20, 2 << 30
_LARGE = Text("文件超过 {n} MiB", "The file is over {n} MiB")


async def verify(city: City, pdf: bytes) -> SignatureReport:
    """Who signed a PDF, when, whether it was changed since, and whether that is trusted. Raises Invalid, TooLarge."""
    need("pyhanko")
    if len(pdf) > PDF_BYTES:
        raise TooLarge(_LARGE, n=PDF_BYTES >> 20)
    work = Work(
        base64.b64encode(pdf).decode(), [base64.b64encode(c).decode() for c in keys.trusted(city.settings)]
    )
    out = await apart.run(
        city.part(apart.Turns),
        "signing.worker",
        work,
        within_s=WITHIN_S,
        most_bytes=1 << 20,
        memory_bytes=MEMORY_BYTES,
    )
    return msgspec.json.decode(out, type=SignatureReport)
