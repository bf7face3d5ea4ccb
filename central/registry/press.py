"""Makes what machines print: drafts to proofread, originals to grant; pages as PDF, cards as CardContent."""

import hashlib
import secrets
from datetime import date

from adm.registry.v1 import registry_pb2 as pb

from central.documents import cards
from central.documents.typesetter import Typesetter
from central.registry.catalogue import Entitled
from central.registry.issuing import Artefact
from central.signing.port import DocumentSigner


class Press:
    """Sets and signs documents."""

    def __init__(self, typesetter: Typesetter, signer: DocumentSigner) -> None:
        self._typesetter = typesetter
        self._signer = signer

    async def draft(self, document: Entitled, day: date) -> bytes:
        """What the resident proofreads."""
        if document.blank != pb.BLANK_PAPER_A4:
            return cards.compose(document.content, document.kind, day, draft=True)
        return (await self._typesetter.draft(document.content, day)).pdf

    async def original(self, document: Entitled, day: date) -> Artefact:
        """What is granted. Pages are signed and carry a token to check them by; nobody signs a card's front."""
        if document.blank != pb.BLANK_PAPER_A4:
            card = cards.compose(document.content, document.kind, day, draft=False)
            return Artefact(card, hashlib.sha256(card).digest(), 1, None, None)
        token = secrets.token_urlsafe(16)
        page = await self._typesetter.original(document.content, day, token)
        pdf = await self._signer.sign(page.pdf)
        return Artefact(pdf, hashlib.sha256(pdf).digest(), page.page_count, token, self._signer.name)
