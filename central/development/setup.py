"""`central init`: everything a development machine needs to run central, made once; what is there stays."""

import contextlib
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.development import certificates
from central.development.certificates import Authority
from central.files import write_private, write_public
from central.registry.grants import GrantSigner
from central.store.engine import Store

TRUST_DOMAIN = "adm.test"
MACHINE_ID = "kiosk/3520/mpp-01"

_RENEW_BEFORE = timedelta(days=30)

_CONFIG = """\
# Central of a development machine. SIMULASI: invented residents, test certificates.

[listen]
host = "127.0.0.1"
port = {port}
public_port = {public_port}

[tls]
certificate = "pki/server.pem"
key = "pki/server.key"
client_ca = "pki/ca.pem"
trust_domain = "{trust_domain}"

[store]
path = "central.sqlite3"

[grants]
key = "pki/grant.key"
tracking_url = "http://127.0.0.1:{public_port}/t"

[documents]
verify_url = "http://127.0.0.1:{public_port}/v"
official = "Drs. CONTOH PEJABAT, M.Si."
official_nip = "197001011990011001"

[signing]
certificate = "pki/signer.pem"
key = "pki/signer.key"
chain = "pki/signing-ca.pem"
"""


def initialise(
    directory: Path, samples: Path, models: Path, port: int, public_port: int | None = None, blanks: bool = True
) -> list[str]:
    """Make what is missing; what is there is left as it is.

    Args:
        directory: For configuration, database and keys.
        samples: Holds residents.toml and faces/.
        models: Folder of the face models.
        port: Where the server will listen.
        public_port: Where the public pages will be; by default the next port, or another free one when that is taken.
        blanks: The machine's books begin with full hoppers; else the machine itself says what it was given.

    Returns:
        What was made, a line each; empty when everything was there.
    """
    made: list[str] = []
    for folder in (directory, directory / "pki", directory / "kiosk-credentials"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _certificates(directory, made)
    _grant_key(directory, made)
    _database(directory / "central.sqlite3", samples, models, made, blanks)
    config = directory / "central.toml"
    if not config.exists():
        web = _free_port(port + 1) if public_port is None else public_port
        text = _CONFIG.format(port=port, public_port=web, trust_domain=TRUST_DOMAIN)
        write_public(config, text.encode())
        made.append("configuration")
    return made


def _free_port(wanted: int) -> int:
    """A port that nobody listens on now: the wanted one, if it can be had."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)) as listening:
            found: int = listening.getsockname()[1]
            return found
    raise OSError("no port is free")


def _certificates(directory: Path, made: list[str]) -> None:
    pki, credentials = directory / "pki", directory / "kiosk-credentials"
    ca = certificates.authority(pki, "ca", "ADM development CA (SIMULASI)")
    ca_pem = (pki / "ca.pem").read_bytes()
    if not _usable(pki / "server.pem", ca):
        certificate, key = certificates.server(ca, f"spiffe://{TRUST_DOMAIN}/central")
        write_private(pki / "server.key", key)
        write_public(pki / "server.pem", certificate)
        made.append("server certificate")
    if not _usable(credentials / "cert.pem", ca):
        certificate, key = certificates.machine(ca, f"spiffe://{TRUST_DOMAIN}/{MACHINE_ID}")
        write_private(credentials / "key.pem", key)
        write_public(credentials / "ca.pem", ca_pem)
        write_public(credentials / "cert.pem", certificate)
        made.append(f"certificate of machine {MACHINE_ID}")
    signing_ca = certificates.authority(pki, "signing-ca", "ADM test signing CA (SIMULASI)")
    if not _usable(pki / "signer.pem", signing_ca):
        certificate, key = certificates.document_signer(signing_ca)
        write_private(pki / "signer.key", key)
        write_public(pki / "signer.pem", certificate)
        made.append("document signer")


def _usable(file: Path, issuer: Authority) -> bool:
    """Whether a certificate is there, is this issuer's, and holds for another while."""
    if not file.exists():
        return False
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    try:
        certificate.verify_directly_issued_by(issuer.certificate)
    except (ValueError, InvalidSignature):
        return False
    return certificate.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE


def _grant_key(directory: Path, made: list[str]) -> None:
    key_file, public_file = directory / "pki" / "grant.key", directory / "kiosk-credentials" / "grant_public_key"
    if not key_file.exists():
        write_private(key_file, certificates.private_pem(Ed25519PrivateKey.generate()))
        made.append("grant key")
    public = GrantSigner.load(key_file).public_key
    if not public_file.exists() or public_file.read_bytes() != public:
        write_public(public_file, public)


def _database(file: Path, samples: Path, models: Path, made: list[str], blanks: bool) -> None:
    if file.exists():
        return
    # Only here: they bring OpenCV, which the server never needs.
    from central.development import qr_codes
    from central.development.references import PortraitReferences
    from central.development.samples import enrol, load, load_blanks

    references = PortraitReferences(samples, models)
    new = file.with_name(f".{file.name}.new")
    for suffix in ("", "-wal", "-shm"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    store = Store(new)
    try:
        new.touch(mode=0o600)
        store.create()
        store.write_now(lambda c: load(c, samples, references))
        store.write_now(lambda c: enrol(c, MACHINE_ID))
        if blanks:
            store.write_now(lambda c: load_blanks(c, MACHINE_ID, datetime.now(UTC)))
        codes = qr_codes.give(store, samples, datetime.now(UTC))
    finally:
        # Closing the last connection moves everything from the log into the one file.
        store.close()
    qr_codes.write(file.with_name("qr"), codes)
    new.replace(file)
    made.append("database with the sample residents, their QR codes and PINs in qr/")
