"""Papers are set the same each time, signed by the city, and what was done to them since is found."""

import http.server
import io
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.conftest import key_of
from tests.documents import files

from yong.kernel.access.api import system_caller
from yong.kernel.access.contracts import Caller
from yong.kernel.base.city import City
from yong.kernel.base.errors import Forbidden, Invalid, NotFound, Refused, Unauthenticated, Unavailable
from yong.kernel.base.module import Module, Registry
from yong.kernel.base.settings import Settings, load
from yong.kernel.base.text import Text
from yong.kernel.documents import apart, api
from yong.kernel.documents.contracts import Belongs, Template
from yong.kernel.documents.rendering import fonts, setting
from yong.kernel.documents.rendering.worker import Work
from yong.kernel.documents.signing import keys
from yong.kernel.store.database import Database

pytestmark = pytest.mark.usefixtures("chinese")
LIST: dict[str, object] = {
    "source": "宁波市城市运行中心", "package": "p-1", "date": "2026-11-27", "bytes": 5,
    "documents": [{"title": "甬江潮位 <b> #strong[x]", "retention": "years30", "bytes": 5, "sha256": "ab" * 32}] * 60,
}  # fmt: skip
DOCUMENTS = system_caller("documents")


async def paper(city: City) -> bytes:
    return await api.render(city, DOCUMENTS, "documents.handover", LIST)


async def test_the_same_data_gives_the_same_paper(city: City) -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    first, second = [await api.render(city, DOCUMENTS, "documents.handover", LIST, at=at) for _ in range(2)]
    assert first.startswith(b"%PDF-1.7")
    assert first == second
    assert await api.render(city, DOCUMENTS, "documents.handover", LIST, "en", at=at) != first
    assert city[fonts.Fonts].serif.replace(" ", "")[:9].encode() in first  # its glyphs are in it


async def test_papers_are_set_for_their_module_alone(city: City, callers: Callable[..., Caller]) -> None:
    for caller, kind in (
        (Caller(account="anonymous"), Unauthenticated),
        (callers("access.department_officer", district="3302"), Forbidden),
        (system_caller("environment"), Forbidden),
    ):
        with pytest.raises(kind):
            await api.render(city, caller, "documents.handover", LIST)
    with pytest.raises(NotFound):
        await api.render(city, DOCUMENTS, "documents.no_such", {})
    with pytest.raises(Invalid, match="cannot be set"):
        await api.render(city, DOCUMENTS, "documents.handover", {"source": "only"})
    with pytest.raises(Invalid, match="data is over"):
        await api.render(city, DOCUMENTS, "documents.handover", {"x": "y" * (3 << 20)})


def templates(tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> setting.Templates:
    folder = tmp_path / "madeup" / "templates" / "letter"
    folder.mkdir(parents=True)
    (tmp_path / "madeup" / "__init__.py").touch()
    (folder / "main.typ").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "madeup", raising=False)  # of another test
    letter = Template(name="madeup.letter", title=Text("信", "Letter"))
    base = Module(name="base", package="yong", title=Text("", ""), understands=(Template,))
    own = Module(name="madeup", package="madeup", title=Text("", ""), needs=("base",), declares=(letter,))
    return setting.Templates(Registry((base, own)))


async def test_a_template_that_is_not_whole_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="package from elsewhere"):
        templates(tmp_path, '#import "@preview/cetz:0.3.0"', monkeypatch)
    letter = Template(name="yong.letter", title=Text("信", "Letter"))
    own = Module(name="yong", package="yong", title=Text("", ""), understands=(Template,), declares=(letter,))
    with pytest.raises(Refused, match="lacks"):
        setting.Templates(Registry((own,)))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('#read("/etc/passwd")', "not found"),
        ('#read("../../secret.txt")', "escape"),
        ('#import "@" + "preview/cetz:0.3.0"', "failed to download|cannot be set"),
        ("#while true {}", "always true"),
        ("#for i in range(100000) { for j in range(100000) { let x = i * j } }", "within"),
        ("#let f(n) = f(n + 1)\n#f(0)", "depth"),
    ],
)
async def test_a_paper_reads_nothing_else_and_ends(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    monkeypatch.setattr(setting, "WITHIN_S", 3.0)
    (tmp_path / "secret.txt").write_text("secret")
    city.put(setting.Templates, templates(tmp_path, source, monkeypatch))
    with pytest.raises(Invalid, match=why):
        await setting.render(city, "madeup.letter", {}, "zh", None)


async def test_without_a_chinese_font_the_remedy_is_named() -> None:
    with pytest.raises(Unavailable, match="fonts-noto-cjk"):
        fonts.chosen({"DejaVu Sans": {"/usr/share/fonts"}})
    with pytest.raises(Unavailable, match="FangSong"):
        fonts.chosen({"Noto Serif CJK SC": {"/a"}}, "FangSong")
    assert fonts.chosen({"SimHei": {"/a"}}).serif == "SimHei"
    assert fonts.chosen({"FangSong": {"/b"}, "SimHei": {"/a"}}).folders == ("/a", "/b")


async def test_a_worker_that_takes_more_than_it_may_ends() -> None:
    work = Work("/nonexistent", [], {}, 0)
    with pytest.raises(Unavailable):
        await apart.run(
            apart.Turns(), "rendering.no_such", work, within_s=5, most_bytes=1, memory_bytes=1 << 30
        )
    with pytest.raises((Unavailable, Invalid)):
        await apart.run(
            apart.Turns(), "rendering.worker", work, within_s=5, most_bytes=1, memory_bytes=1 << 20
        )


# --- signatures --------------------------------------------------------------------------------------------------


async def signed(city: City) -> bytes:
    return await api.sign(city, DOCUMENTS, await paper(city), belongs=None, reason="移交")


async def test_a_signed_paper_is_good_and_says_who_signed(city: City, callers: Callable[..., Caller]) -> None:
    officer = callers("access.department_officer", district="3302")
    before = await api.verify(city, officer, await paper(city))
    assert (before.signed, before.good, before.signatures) == (False, False, [])
    pdf = await signed(city)
    found = await api.verify(city, officer, pdf)
    [one] = found.signatures
    assert (found.signed, found.good) == (True, True)
    assert (one.intact, one.changed_since, one.trusted, one.timestamped_at) == (True, False, True, None)
    assert one.signer == "ningbo document signer"
    assert one.claimed_at is not None
    assert abs(one.claimed_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert one.verdict.zh.startswith("签章有效")
    twice = await api.sign(city, DOCUMENTS, pdf, belongs=None, reason="再签")
    again = await api.verify(city, officer, twice)
    assert [s.changed_since for s in again.signatures] == [False, False]
    assert again.good
    told = await city[Database].fetchval(
        "SELECT count(*) FROM access.audit_entry WHERE action = 'documents.sign'"
    )
    assert told == 2


async def test_whoever_touches_a_signed_paper_is_found_out(city: City) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    pdf = await signed(city)
    touched = bytearray(pdf)
    at = pdf.index(b"/Producer") if b"/Producer" in pdf else 2000
    touched[at + 15] ^= 1
    try:
        found = await api.verify(city, DOCUMENTS, bytes(touched))
        assert not found.good
    except Invalid:
        pass
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = generic.NumberObject(90)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    changed = await api.verify(city, DOCUMENTS, out.getvalue())
    [one] = changed.signatures
    assert (one.intact, one.changed_since, changed.good) == (True, True, False)
    assert "改动" in one.verdict.zh


async def test_a_stranger_is_not_trusted_until_the_city_says_so(
    city: City, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = load({"YONG_HOME": str(tmp_path_factory.mktemp("other") / "home"), "YONG_CITY": "ningbo"})
    from yong.kernel.documents.signing import signing

    pdf = await signing.sign(other, await paper(city), reason="别处", location=None)
    found = await api.verify(city, DOCUMENTS, pdf)
    assert [(s.intact, s.trusted) for s in found.signatures] == [(True, False)]
    assert not found.good
    roots = other.home / "roots.pem"
    roots.write_bytes(
        x509.load_der_x509_certificate(keys.trusted(other)[0]).public_bytes(serialization.Encoding.PEM)
    )
    city.settings = msgspec.structs.replace(city.settings, document_trusted=roots)
    assert (await api.verify(city, DOCUMENTS, pdf)).good


async def test_the_pair_is_made_once_and_may_be_the_citys_own(settings: Settings, tmp_path: Path) -> None:
    first = keys.signer(settings)
    assert keys.signer(settings) == first
    for file in (settings.home / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    pem = [
        x509.load_der_x509_certificate(c).public_bytes(serialization.Encoding.PEM)
        for c in (first.certificate, *first.chain)
    ]
    certificate.write_bytes(b"".join(pem))
    loaded = serialization.load_der_private_key(first.key, None)
    key.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    own = msgspec.structs.replace(settings, document_certificate=certificate, document_key=key)
    assert keys.signer(own) == first
    key.write_bytes(b"no key")
    with pytest.raises(Refused):
        keys.signer(own)
    with pytest.raises(Refused):
        load({"YONG_HOME": str(settings.home), "YONG_DOCUMENT_CERTIFICATE": str(certificate)})
    with pytest.raises(Refused):
        load({"YONG_HOME": str(settings.home), "YONG_DOCUMENT_TIMESTAMP_URL": "file:///etc/passwd"})


async def test_only_its_own_work_signs_for_a_module(city: City, callers: Callable[..., Caller]) -> None:
    thing = Belongs("sensing.thing", "s-1")
    pdf = await paper(city)
    for caller in (
        callers("access.department_officer", district="3302"),
        system_caller("environment"),
        DOCUMENTS,
    ):
        with pytest.raises(Forbidden):
            await api.sign(city, caller, pdf, belongs=thing, reason="x")
    assert (
        await api.verify(
            city, DOCUMENTS, await api.sign(city, system_caller("sensing"), pdf, belongs=thing, reason="x")
        )
    ).good


@pytest.mark.parametrize(
    "what", [b"", b"no pdf", b"%PDF-1.7\n%%EOF", files.png(), files.pdf()[:-30], b"%PDF-1.7" + b"<<" * 5000]
)
async def test_what_is_no_pdf_is_refused_or_unsigned(city: City, what: bytes) -> None:
    try:
        assert not (await api.verify(city, DOCUMENTS, what)).signed
    except Invalid as error:
        assert error.detail.zh  # noqa: PT017
    with pytest.raises(Invalid):
        await api.sign(city, DOCUMENTS, what[:20], belongs=None, reason="x")


async def test_without_its_timestamp_authority_nothing_is_signed(city: City) -> None:
    city.settings = msgspec.structs.replace(city.settings, document_timestamp_url="http://127.0.0.1:9/tsa")
    with pytest.raises(Unavailable, match="timestamp"):
        await signed(city)


class Authority:
    """A timestamp authority (RFC 3161) on this machine, under a root of its own."""

    def __init__(self) -> None:
        from asn1crypto import keys as asn1_keys
        from asn1crypto import tsp
        from asn1crypto import x509 as asn1_x509
        from pyhanko.sign.timestamps import DummyTimeStamper

        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Time")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .sign(key, hashes.SHA256())
        )
        der, plain = serialization.Encoding.DER, serialization.NoEncryption()
        stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(self.certificate.public_bytes(der)),
            asn1_keys.PrivateKeyInfo.load(key.private_bytes(der, serialization.PrivateFormat.PKCS8, plain)),
        )

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["content-length"])))
                body = stamper.request_tsa_response(asked).dump()
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/tsa"


async def test_an_authority_says_when_it_was_signed(city: City, tmp_path: Path) -> None:
    authority = Authority()
    try:
        city.settings = msgspec.structs.replace(city.settings, document_timestamp_url=authority.url)
        pdf = await signed(city)
    finally:
        authority.server.shutdown()
        authority.server.server_close()
    [one] = (await api.verify(city, DOCUMENTS, pdf)).signatures
    assert (one.good, one.timestamped_at) == (True, None)  # whose clock it is counts for nothing yet
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    city.settings = msgspec.structs.replace(city.settings, document_trusted=roots)
    [one] = (await api.verify(city, DOCUMENTS, pdf)).signatures
    assert one.timestamped_at is not None
    assert abs(one.timestamped_at - datetime.now(UTC)) < timedelta(minutes=5)


async def test_signatures_are_verified_over_http(city: City, client: httpx.AsyncClient) -> None:
    key = await key_of(city, "access.department_officer", district="3302")
    answer = await client.post(
        "/documents/signature-checks",
        headers={**key, "content-type": "application/pdf"},
        content=await signed(city),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["good"] is True
