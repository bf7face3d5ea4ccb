"""The link to the registry: reachable, TLS agreed on both sides, and the certificates' dates."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from selftest import advice
from selftest.model import Check, Finding, Limits, Measurement, Subject, Words, failed, judged, skipped

DEVICE: Final = "registry"
CONNECT_S: Final = 5.0
CONNECT: Final = Limits(at_most=2000.0)
HANDSHAKE: Final = Limits(at_most=3000.0)
# Renewal needs a visit or a working link: two weeks are for both.
DAYS_LEFT: Final = Limits(at_least=14.0)
# RFC 9113 section 3.4: the client's connection preface, then an empty SETTINGS frame.
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Link:
    """Where the registry is and how both sides prove who they are.

    Attributes:
        target: host:port.
        server_name: Name in the registry's certificate.
    """

    target: str
    server_name: str
    ca_file: Path
    cert_file: Path
    key_file: Path


def subject(link: Link) -> Subject:
    """Network first, then TLS over it, then dates."""
    reach = _Reach(link)
    return Subject(
        (
            Check(
                f"{DEVICE}.network",
                DEVICE,
                Words("Server terjangkau", "Registry reachable"),
                reach.network,
                2 * CONNECT_S,
            ),
            Check(
                f"{DEVICE}.tls",
                DEVICE,
                Words("Sambungan aman", "Secure connection"),
                reach.tls,
                3 * CONNECT_S,
            ),
            Check(
                f"{DEVICE}.certificate",
                DEVICE,
                Words("Masa berlaku sertifikat mesin", "Machine certificate's dates"),
                lambda: _dates(link.cert_file),
                CONNECT_S,
            ),
        )
    )


class _Reach:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._there = False

    def network(self) -> Finding:
        """A TCP connection."""
        began = time.monotonic()
        try:
            with self._connected():
                took = Measurement("connect", 1000 * (time.monotonic() - began), "ms", CONNECT)
        except OSError as error:
            return failed(f"network:{type(error).__name__}", advice.NETWORK)
        self._there = True
        return judged("network", advice.NETWORK, took)

    def tls(self) -> Finding:
        """A handshake with our certificate, and the first word of HTTP/2.

        With TLS 1.3 a server refuses a client's certificate only after the client's handshake has ended.
        """
        if not self._there:
            return skipped("registry not reachable")
        try:
            context = self._context()
        except (OSError, ssl.SSLError) as error:
            return failed(f"tls:own:{type(error).__name__}", advice.TLS)
        began = time.monotonic()
        try:
            with (
                self._connected() as plain,
                context.wrap_socket(plain, server_hostname=self._link.server_name) as secure,
            ):
                secure.sendall(_PREFACE)
                if not secure.recv(1):
                    return failed("tls:closed", advice.TLS)
                took = Measurement("handshake", 1000 * (time.monotonic() - began), "ms", HANDSHAKE)
                theirs = secure.getpeercert() or {}
        except ssl.SSLError as error:
            return failed(f"tls:{error.reason or type(error).__name__}".lower(), advice.TLS)
        except OSError as error:
            return failed(f"tls:{type(error).__name__}", advice.TLS)
        ends_s = ssl.cert_time_to_seconds(str(theirs["notAfter"]))
        days = Measurement("registry_certificate", (ends_s - time.time()) / 86400, "days", DAYS_LEFT)
        return judged("tls", advice.TLS, took, days)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self._link.ca_file))
        context.load_cert_chain(self._link.cert_file, self._link.key_file)
        context.set_alpn_protocols(["h2"])
        return context

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        host, _, port = self._link.target.rpartition(":")
        with socket.create_connection((host, int(port)), CONNECT_S) as plain:
            yield plain


def _dates(cert_file: Path) -> Finding:
    try:
        certificate = x509.load_pem_x509_certificate(cert_file.read_bytes())
    except (OSError, ValueError):
        return failed("certificate:unreadable", advice.CERTIFICATE)
    now = datetime.now(UTC)
    left = (certificate.not_valid_after_utc - now).total_seconds() / 86400
    days = Measurement("days_left", left, "days", DAYS_LEFT)
    if certificate.not_valid_before_utc > now:
        return failed("certificate:not yet valid", advice.TLS, days)
    return judged("certificate", advice.CERTIFICATE, days)
