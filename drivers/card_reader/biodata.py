"""Parser of the chip's biodata file: `"...","..."`, 21 fields in the order of `profile.BIODATA_FIELDS`."""

from drivers.card_reader.port import Biodata
from drivers.card_reader.profile import BIODATA_FIELDS
from drivers.errors import ProtocolError

_NIK_DIGITS = 16
_PADDING = " \0\r\n"


def parse(raw: bytes) -> Biodata:
    """Read the file's contents, without its length header.

    The encoding is not published [X]; UTF-8 is tried and Latin-1 taken otherwise, which agree on what is printed
    on Indonesian cards. A quote inside a field is taken as it stands, since no rule for it is published [X].

    Raises:
        ProtocolError: It is not 21 quoted fields, or the NIK is not 16 digits. The message holds no personal data.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    text = text.strip(_PADDING)
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ProtocolError("biodata is not a list of quoted fields")
    fields = tuple(part.strip(_PADDING) for part in text[1:-1].split('","'))
    if len(fields) != len(BIODATA_FIELDS):
        raise ProtocolError(f"biodata has {len(fields)} fields, not {len(BIODATA_FIELDS)}")
    nik = fields[BIODATA_FIELDS.index("nik")]
    if len(nik) != _NIK_DIGITS or not (nik.isascii() and nik.isdigit()):
        raise ProtocolError("biodata's NIK is not 16 digits")
    return Biodata(fields=fields, nik=nik, name=fields[BIODATA_FIELDS.index("name")])


def encode(fields: tuple[str, ...]) -> bytes:
    """The file's contents for these fields.

    Raises:
        ValueError: Not 21 fields, or one that cannot be read back.
    """
    if len(fields) != len(BIODATA_FIELDS):
        raise ValueError(f"biodata has {len(BIODATA_FIELDS)} fields")
    if any('"' in one or one != one.strip(_PADDING) for one in fields):
        raise ValueError("a biodata field has no quotes and no spaces around it")
    return ('"' + '","'.join(fields) + '"').encode("utf-8")
