"""Certificates such as mail servers show, and who vouches for them."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# OpenSSL goes by the machine's clock, which no test turns.
BEGINS, PAST, FUTURE = (datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2001, 2100))


@dataclass(frozen=True, slots=True)
class Certificate:
    shown: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def file(self, folder: Path) -> Path:
        """What it is known by: `SMTP_CA_FILE`."""
        path = folder / f"{self.shown.serial_number}.pem"
        path.write_bytes(self.shown.public_bytes(serialization.Encoding.PEM))
        return path

    def for_server(self, folder: Path) -> ssl.SSLContext:
        key = folder / f"{self.shown.serial_number}.key"
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file(folder), key)
        return context


def authority() -> Certificate:
    return _signed("Harbour Authority", None, FUTURE, is_authority=True)


def certificate(name: str, by: Certificate | None, until: datetime = FUTURE) -> Certificate:
    """For a server of that name; signed by itself if it is by nobody."""
    return _signed(name, by, until)


def _signed(
    name: str, by: Certificate | None, until: datetime, is_authority: bool = False
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = by.key if by else key
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    built = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(by.shown.subject if by else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    return Certificate(built.sign(signer, hashes.SHA256()), key)
