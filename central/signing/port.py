"""What the registry asks of whoever signs documents."""

from typing import Protocol


class DocumentSigner(Protocol):
    """Signs PDF documents for the office.

    Attributes:
        name: Who signs, as its certificate says: told to whoever checks a document.
    """

    name: str

    async def sign(self, pdf: bytes) -> bytes:
        """The document with a signature added; what was there before is not changed."""

    def close(self) -> None:
        """Let go of keys and threads. May be called twice."""
