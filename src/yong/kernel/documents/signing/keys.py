"""The key pair that the city signs papers with: imported, or made on first use under a certificate authority of its own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from yong.kernel.base import clock
from yong.kernel.base.errors import Refused
from yong.kernel.base.settings import Settings
from yong.kernel.base.text import Text
from yong.kernel.store.secrets import secret

_CA, _SIGNER = "documents-ca", "documents-signer"
_CA_DAYS, _SIGNER_DAYS = 20 * 365, 3 * 366
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # id-kp-documentSigning (RFC 9336)
_UNREAD = Text(
    "签章证书或私钥无法读取（设置 {name}）：{why}",
    "The signing certificate or key cannot be read (setting {name}): {why}",
)
_ENDED = Text("签章证书已于 {at} 到期", "The signing certificate ran out on {at}")
_PEM, _PKCS8, _BARE = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)


class Pair(msgspec.Struct, frozen=True):
    """A private key (DER, PKCS #8), its certificate and the chain above it (DER)."""

    key: bytes
    certificate: bytes
    chain: tuple[bytes, ...]


def signer(settings: Settings) -> Pair:
    """The pair to sign with: of the settings, else the city's own. Raises Refused where it cannot be used."""
    if settings.document_certificate and settings.document_key:
        pair = _imported(settings.document_certificate, settings.document_key)
    else:
        # A pair a year: the next one is there long before the last has run out.
        year = clock.now().astimezone(clock.CHINA).year
        text = secret(settings.home, f"{_SIGNER}-{year}.pem", lambda: _made_signer(settings))
        pair = _pair(text.encode())
    ends = x509.load_der_x509_certificate(pair.certificate).not_valid_after_utc
    if ends <= clock.now():
        raise Refused(_ENDED, at=f"{ends:%Y-%m-%d}")
    return pair


def trusted(settings: Settings) -> list[bytes]:
    """The certificates (DER) whose signatures count: the city's own authority, and those of `document_trusted`."""
    own = x509.load_pem_x509_certificates(_authority(settings).encode())
    if settings.document_trusted:
        try:
            own += x509.load_pem_x509_certificates(settings.document_trusted.read_bytes())
        except (OSError, ValueError) as error:
            raise Refused(_UNREAD, name="document_trusted", why=str(error)[:200]) from None
    return [c.public_bytes(serialization.Encoding.DER) for c in own]


def _authority(settings: Settings) -> str:
    return secret(settings.home, f"{_CA}.pem", lambda: _made_authority(settings))


def _imported(certificate: Path, key: Path) -> Pair:
    try:
        pair = _pair(key.read_bytes() + b"\n" + certificate.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise Refused(_UNREAD, name="document_certificate, document_key", why=str(error)[:200]) from None
    return pair


def _pair(pem: bytes) -> Pair:
    """Raises ValueError, TypeError for what is no unencrypted key with its certificate."""
    key: Any = serialization.load_pem_private_key(pem, password=None)
    own, *chain = x509.load_pem_x509_certificates(pem)
    if own.public_key() != key.public_key():
        raise ValueError("the key is not the certificate's")
    der = serialization.Encoding.DER
    return Pair(
        key.private_bytes(der, _PKCS8, _BARE), own.public_bytes(der), tuple(c.public_bytes(der) for c in chain)
    )  # fmt: skip


def _name(settings: Settings, what: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Yong {settings.city}"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"{settings.city} {what}"),
    ])  # fmt: skip


def _written(key: ec.EllipticCurvePrivateKey, *certificates: x509.Certificate) -> str:
    parts = [key.private_bytes(_PEM, _PKCS8, _BARE), *(c.public_bytes(_PEM) for c in certificates)]
    return b"".join(parts).decode()


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


def _made_authority(settings: Settings) -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    name = _name(settings, "documents CA")
    made = (
        _begun(name, name, key, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA384())
    )
    return _written(key, made)


def _made_signer(settings: Settings) -> str:
    pem = _authority(settings).encode()
    above = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(above, ec.EllipticCurvePrivateKey)
    [authority] = x509.load_pem_x509_certificates(pem)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_name(settings, "document signer"), authority.subject, key, _SIGNER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
        .sign(above, hashes.SHA384())
    )
    return _written(key, made, authority)
