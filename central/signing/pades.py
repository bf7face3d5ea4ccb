"""PAdES baseline signatures with pyHanko (ETSI EN 319 142-1, level B-B).

The key is whatever a pyHanko `Signer` holds: a file here, a PKCS#11 token with pyHanko's own `PKCS11Signer`.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pyhanko.keys import load_cert_from_pemder, load_certs_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore


class PadesSigner:
    """Signs with one key, in one thread of its own.

    Args:
        signer: pyHanko's holder of key and certificates.
        location: Where the office is, stands in the signature.
        reason: Why it is signed, stands there too.

    Raises:
        ValueError: The signer has no certificate.
    """

    def __init__(self, signer: Signer, location: str, reason: str = "Penerbitan dokumen kependudukan") -> None:
        metadata = PdfSignatureMetadata(
            field_name="TTE",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            location=location,
            reason=reason,
        )
        self._signer = PdfSigner(metadata, signer)
        certificate = signer.signing_cert
        if certificate is None:
            raise ValueError("the signer has no certificate")
        self.name = str(certificate.subject.native.get("common_name", certificate.subject.human_friendly))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="document-signer")

    async def sign(self, pdf: bytes) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.sign_now, pdf)

    def sign_now(self, pdf: bytes) -> bytes:
        """Sign in the calling thread, which must not run an event loop."""
        signed = io.BytesIO()
        self._signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=signed)
        return signed.getvalue()

    def close(self) -> None:
        self._thread.shutdown()


def file_signer(certificate: Path, key: Path, chain: Path) -> Signer:
    """A signer whose key and certificates are PEM files; the key is unencrypted and readable to central only.

    Raises:
        ValueError: A file holds something else.
    """
    authorities = SimpleCertificateStore()
    authorities.register_multiple(load_certs_from_pemder([str(chain)]))
    return SimpleSigner(
        signing_cert=load_cert_from_pemder(str(certificate)),
        signing_key=load_private_key_from_pemder(str(key), passphrase=None),
        cert_registry=authorities,
    )
