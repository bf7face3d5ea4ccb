"""A signed document validates against the test CA, and no changed one does."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import pytest_asyncio
from adm.registry.v1 import registry_pb2 as pb
from cryptography import x509
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from central.development import certificates
from central.documents import contents
from central.documents.typesetter import Typesetter
from central.signing.pades import PadesSigner, file_signer
from central.store.engine import Store


@pytest_asyncio.fixture
async def page(store: Store) -> bytes:
    """A birth certificate as the typesetter leaves it."""
    typesetter = Typesetter("http://127.0.0.1:7444/periksa", "Drs. CONTOH PEJABAT, M.Si.", "197001011990011001")
    day = date(2026, 11, 23)
    content = store.read_now(lambda c: contents.read(c, pb.DOCUMENT_KIND_AKTA_KELAHIRAN, "3520066902200003", day))
    assert content is not None
    try:
        return (await typesetter.original(content, day, "t")).pdf
    finally:
        typesetter.close()


@pytest_asyncio.fixture
async def signer(directory: Path) -> AsyncIterator[PadesSigner]:
    pki = directory / "pki"
    opened = PadesSigner(file_signer(pki / "signer.pem", pki / "signer.key", pki / "signing-ca.pem"), "Magetan")
    yield opened
    opened.close()


async def validate(pdf: bytes, authority: Path) -> PdfSignatureStatus:
    """The one signature's status, trusting only this authority."""
    root = load_cert_from_pemder(str(authority))
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return await async_validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))


async def test_the_signature_is_valid_trusted_and_covers_everything(
    page: bytes, signer: PadesSigner, directory: Path
) -> None:
    signed = await signer.sign(page)
    status = await validate(signed, directory / "pki" / "signing-ca.pem")
    assert (status.valid, status.intact, status.trusted, status.bottom_line) == (True, True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signed.startswith(page)


async def test_it_is_pades_with_sha256_and_p256(page: bytes, signer: PadesSigner) -> None:
    (signature,) = PdfFileReader(io.BytesIO(await signer.sign(page))).embedded_signatures
    info = signature.signer_info
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert info["digest_algorithm"]["algorithm"].native == "sha256"
    assert signature.signer_cert.public_key.curve == ("named", "secp256r1")
    assert "signing_certificate_v2" in {attribute["type"].native for attribute in info["signed_attrs"]}
    assert "SIMULASI" in signature.signer_cert.subject.human_friendly


async def test_another_ca_does_not_vouch_for_it(page: bytes, signer: PadesSigner, tmp_path: Path) -> None:
    certificates.authority(tmp_path, "other", "another CA")
    status = await validate(await signer.sign(page), tmp_path / "other.pem")
    assert status.intact
    assert not status.trusted


async def test_a_changed_page_is_seen(page: bytes, signer: PadesSigner, directory: Path) -> None:
    signed = bytearray(await signer.sign(page))
    # Within a compressed page stream: the file still reads, the digest does not match.
    at = signed.index(b"stream\n", 200) + 20
    signed[at] ^= 1
    status = await validate(bytes(signed), directory / "pki" / "signing-ca.pem")
    assert not status.intact
    assert not status.bottom_line


async def test_signing_changes_nothing_that_is_seen(page: bytes, signer: PadesSigner) -> None:
    with pypdfium2.PdfDocument(page) as before, pypdfium2.PdfDocument(await signer.sign(page)) as after:
        assert len(before) == len(after) == 1
        assert before[0].get_textpage().get_text_bounded() == after[0].get_textpage().get_text_bounded()


async def test_many_are_signed_at_once_each_for_itself(page: bytes, signer: PadesSigner, directory: Path) -> None:
    signed = await asyncio.gather(*(signer.sign(page) for _ in range(5)))
    assert all([(await validate(pdf, directory / "pki" / "signing-ca.pem")).bottom_line for pdf in signed])


def test_a_file_without_a_key_is_refused(directory: Path) -> None:
    pki = directory / "pki"
    with pytest.raises(ValueError, match=r"[Kk]ey"):
        file_signer(pki / "signer.pem", pki / "signer.pem", pki / "signing-ca.pem")


def test_the_signers_certificate_may_sign_documents_and_nothing_else(directory: Path) -> None:
    certificate = x509.load_pem_x509_certificate((directory / "pki" / "signer.pem").read_bytes())
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)
