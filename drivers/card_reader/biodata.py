"""Parser of the chip's biodata file: `"...","..."`, 21 fields in the order of `profile.BIODATA_FIELDS`, unless set."""

from collections.abc import Sequence

from drivers.card_reader.port import Biodata
from drivers.card_reader.profile import BIODATA_FIELDS
from drivers.errors import ProtocolError

_NIK_DIGITS = 16
_PADDING = " \0\r\n"


def parse(raw: bytes, names: Sequence[str] = BIODATA_FIELDS) -> Biodata:
    """Read the file's contents, without its length header.

    The encoding is not published [X]; UTF-8 is tried and Latin-1 taken otherwise, which agree on what is printed
    on Indonesian cards. A quote inside a field is taken as it stands, since no rule for it is published [X].

    Args:
        raw: The contents.
        names: Of the fields, in chip order.

    Raises:
        ProtocolError: It is not as many quoted fields, or the NIK is not 16 digits. The message holds no personal data.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.strip(_PADDING)
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ProtocolError("biodata is not a list of quoted fields")
    fields = tuple(part.strip(_PADDING) for part in text[1:-1].split('","'))
    if len(fields) != len(names):
        raise ProtocolError(f"biodata has {len(fields)} fields, not {len(names)}")
    nik = fields[names.index("nik")]
    if len(nik) != _NIK_DIGITS or not (nik.isascii() and nik.isdigit()):
        raise ProtocolError("biodata's NIK is not 16 digits")
    return Biodata(fields=fields, nik=nik, name=fields[names.index("name")])


def encode(fields: tuple[str, ...], names: Sequence[str] = BIODATA_FIELDS) -> bytes:
    """The file's contents for these fields.

    Raises:
        ValueError: Not as many fields as names, or one that cannot be read back.
    """
    if len(fields) != len(names):
        raise ValueError(f"biodata has {len(names)} fields")
    if any('"' in one or one != one.strip(_PADDING) for one in fields):
        raise ValueError("a biodata field has no quotes and no spaces around it")
    return ('"' + '","'.join(fields) + '"').encode("utf-8")
