"""The process that verifies one PDF: a request on standard input, what was found on standard output."""

import asyncio
import base64
import io
import sys
from datetime import datetime
from typing import Any

import msgspec

from yong.kernel.base.text import Text
from yong.kernel.documents import apart
from yong.kernel.documents.contracts import PdfSignature, SignatureReport

_BROKEN = Text("签章无效：签署后内容已被改动", "Not valid: what was signed has been changed")
_CHANGED = Text(
    "签章完好，但签署后文件又有改动，请以签署时的内容为准",
    "The signature is intact, but the file was changed after it was signed",
)
_UNTRUSTED = Text(
    "内容未被改动，但签署者的证书不受本市信任",
    "Nothing was changed, but this city does not trust the signer's certificate",
)
_GOOD = Text("签章有效：内容未被改动，签署者可信", "Valid: nothing was changed, and the signer is trusted")
_NONE = Text("文件没有电子签章", "The document is not signed")
_ALL = Text("全部 {n} 个签章有效", "All {n} signatures are valid")
_SOME = Text("{n} 个签章中有 {bad} 个不能采信", "Of {n} signatures {bad} cannot be relied on")
_NO_PDF = Text("不是可以读取的 PDF", "This is no PDF that can be read")
_MOST = 50


class Work(msgspec.Struct):
    """A PDF and the certificates that are trusted, in base 64."""

    pdf: str
    trusted: list[str]


def main() -> None:
    work = msgspec.json.decode(sys.stdin.buffer.read(), type=Work)
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.validation.errors import SignatureValidationError

    apart.limited()
    pdf, trusted = base64.b64decode(work.pdf), [base64.b64decode(c) for c in work.trusted]
    try:
        found = asyncio.run(verified(pdf, trusted))
    except (
        PdfError,
        SignatureValidationError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        MemoryError,
    ):
        apart.refuse(_NO_PDF)
    sys.stdout.buffer.write(msgspec.json.encode(found))


async def verified(pdf: bytes, trusted: list[bytes]) -> SignatureReport:
    """Every signature of a PDF. Raises what pyHanko raises of files that it cannot read."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    fields = {s.field_name for s in reader.embedded_signatures}
    signatures = [await _one(s, trusted, fields) for s in reader.embedded_regular_signatures[:_MOST]]
    bad = sum(not s.good for s in signatures)
    n = len(signatures)
    verdict = _NONE if not n else _ALL.filled(n=n) if not bad else _SOME.filled(n=n, bad=bad)
    return SignatureReport(signed=n > 0, good=n > 0 and not bad, signatures=signatures, verdict=verdict)


async def _one(embedded: Any, trusted: list[bytes], fields: set[str]) -> PdfSignature:
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    status = await _status(embedded, trusted, None)
    stamp = status.timestamp_validity
    stamped: datetime | None = (
        stamp.timestamp if stamp and stamp.valid and stamp.intact and stamp.trusted else None
    )
    if stamped is not None and not status.trusted:  # it may have run out since
        status = await _status(embedded, trusted, stamped)
    intact = bool(status.intact and status.valid)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    changed = intact and not whole and not _only_signed(status, fields)
    certificate = status.signing_cert
    names = certificate.subject.native
    return PdfSignature(
        signer=str(names.get("common_name") or certificate.subject.human_friendly)[:200],
        organisation=_text(names.get("organization_name")),
        issuer=certificate.issuer.human_friendly[:300],
        serial=f"{certificate.serial_number:x}",
        claimed_at=status.signer_reported_dt,
        timestamped_at=stamped,
        intact=intact,
        changed_since=changed,
        trusted=bool(status.trusted),
        verdict=_BROKEN if not intact else _CHANGED if changed else _GOOD if status.trusted else _UNTRUSTED,
    )


def _only_signed(status: Any, fields: set[str]) -> bool:
    """Whether all that came after it are further signatures, which fill fields of theirs, and what keeps them valid."""
    from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel

    found = status.diff_result
    if not isinstance(found, DiffResult) or found.modification_level > ModificationLevel.FORM_FILLING:
        return False
    return found.changed_form_fields <= fields


async def _status(embedded: Any, trusted: list[bytes], moment: datetime | None) -> Any:
    from asn1crypto import x509
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    def context() -> Any:
        roots = [x509.Certificate.load(c) for c in trusted]
        return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)

    return await async_validate_pdf_signature(embedded, context(), context())


def _text(value: object) -> str | None:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return str(value)[:200] if value else None


if __name__ == "__main__":
    main()
