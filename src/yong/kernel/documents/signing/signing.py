"""PDFs signed by the city: PAdES B-B, or B-T with the time of an authority."""

import asyncio
import io

from yong.kernel.base.errors import Invalid, Unavailable
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.documents.extra import need
from yong.kernel.documents.signing import keys
from yong.kernel.documents.signing.keys import Pair

_TIMESTAMP_S = 10
_UNREAD = Text("不是可以签章的 PDF：{why}", "This is no PDF that can be signed: {why}")
_NO_TIME = Text("时间戳服务没有应答：{why}", "The timestamp authority did not answer: {why}")


async def sign(settings: Settings, pdf: bytes, *, reason: str, location: str | None) -> bytes:
    """The PDF with one more signature. Raises Invalid for what cannot be signed, Unavailable without the time asked for."""
    need("pyhanko")
    return await asyncio.to_thread(_sign, settings, pdf, reason, location)


def _sign(settings: Settings, pdf: bytes, reason: str, location: str | None) -> bytes:
    """In a thread of its own: pyHanko takes 0.4 s to load."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    pair = keys.signer(settings)
    url = settings.document_timestamp_url
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
        number = len(writer.prev.embedded_signatures) + 1
        about = signers.PdfSignatureMetadata(
            field_name=f"Signature{number}", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
            reason=reason, location=location,
        )  # fmt: skip
        signer = signers.PdfSigner(
            about, _signer(pair), timestamper=HTTPTimeStamper(url, timeout=_TIMESTAMP_S) if url else None
        )
        out = asyncio.run(signer.async_sign_pdf(writer))
    except TimestampRequestError as error:
        raise Unavailable(_NO_TIME, why=str(error)[:200]) from None
    except (PdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid(_UNREAD, why=str(error)[:200]) from None
    return bytes(out.getvalue())


def _signer(pair: Pair):  # type: ignore[no-untyped-def] # a class of what is loaded here alone
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([x509.Certificate.load(c) for c in pair.chain])
    return signers.SimpleSigner(
        signing_cert=x509.Certificate.load(pair.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(pair.key),
        cert_registry=store,
    )
