"""A PDF file out of its objects, for pages that this program draws itself (ISO 32000-1 section 7.5). Pure; no I/O."""

from collections.abc import Sequence


def stream(data: bytes, words: str = "") -> bytes:
    """A stream object.

    Args:
        words: Further entries of its dictionary, each with a space behind it.
    """
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (words.encode("ascii"), len(data), data)


def document(objects: Sequence[bytes]) -> bytes:
    """The whole file.

    Args:
        objects: Objects 1, 2 and so on; object 1 is the catalog.
    """
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)
