"""What lies on a simulated chip: the files of one card, made from a sample resident."""

import hashlib
import io
import random
import zlib
from dataclasses import dataclass, field, replace
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from PIL import Image, ImageDraw

from drivers.card_reader import biodata
from drivers.card_reader.profile import KTP_EL
from simulator.chip import keys, sm
from simulator.chip.residents import CardHolder

TEST_CARD = "test card"
PHOTO_BYTES = 4096
"""What a chip of 8 KB has left for the photo."""

_PHOTO_PX = (192, 256)
_SIGNATURE_PX = (168, 44)
_MINUTIAE_BYTES = 320
_CARD_CONTROL_CHECKED_BYTES = 8
_SIGNER = b"SIMULATED-KEY-01"


@dataclass(frozen=True, slots=True)
class Contents:
    """One card, ready to be sent to its process.

    Attributes:
        label: For people: "Hamid", "bank card".
        kind: ktp, bank, passport or transit; the last three are foreign cards.
        card_type: A or B (ISO/IEC 14443-3).
        uid: What the reader gives for FF CA: UID, or PUPI of type B.
        uid8: UID as the SAM wants it.
        files: EF identifier to the whole file; signature and minutiae enciphered.
        key_id: Card key diversification: `uid8`, or something else on a clone that has no keys.
    """

    label: str
    kind: str
    card_type: str
    uid: bytes
    uid8: bytes
    files: dict[int, bytes] = field(repr=False)
    key_id: bytes = field(repr=False)


def ktp(holder: CardHolder) -> Contents:
    """The card of a sample resident."""
    return _sealed(holder, _biodata(holder), photo(holder))


def cloned(holder: CardHolder) -> Contents:
    """A card whose photo was exchanged by somebody without the signing key: the signature no longer fits."""
    genuine = ktp(holder)
    exchanged = bytearray(genuine.files[KTP_EL.photo])
    exchanged[-20] ^= 0x55
    return replace(genuine, files={**genuine.files, KTP_EL.photo: bytes(exchanged)})


def keyless(holder: CardHolder) -> Contents:
    """A copy of a card's public files on a chip without its keys: authentication fails."""
    return replace(ktp(holder), key_id=b"no key!!")


def foreign(kind: str) -> Contents:
    """A card that is no e-KTP: bank, passport or transit; any other word is a staff card by its holder."""
    uid = hashlib.sha256(kind.encode()).digest()[:4]
    chip = kind if kind in ("bank", "passport") else "transit"
    return Contents(label=kind, kind=chip, card_type="A", uid=uid, uid8=uid * 2, files={}, key_id=b"")


def test_card(uid: bytes, files: dict[int, bytes]) -> Contents:
    """What a technician had written in the card printer: a card that is nobody's, without the keys of a real one."""
    return Contents(TEST_CARD, "ktp", "A", uid, b"\x80" + uid, files, b"no key!!")


def _sealed(holder: CardHolder, text: bytes, portrait: bytes) -> Contents:
    uid8 = b"\x80" + holder.uid if holder.card_type == "A" else _uid8_type_b(holder.uid)
    files = {KTP_EL.biodata: _with_length(text), KTP_EL.photo: _with_length(portrait)}
    plain = {KTP_EL.signature: _with_length(_signature(holder))}
    for number, file in enumerate(KTP_EL.minutiae, 1):
        plain[file] = _with_length(_minutiae(holder, number))
    signed = files[KTP_EL.biodata] + files[KTP_EL.photo]
    for file, content in plain.items():
        padded = content + bytes(-(len(content) - 2) % sm.BLOCK_BYTES)
        signed += padded
        files[file] = padded[:2] + sm.Cbc(keys.storage_key()).encrypt(padded[2:])
    files[KTP_EL.digital_signature] = _sign(signed)
    files[KTP_EL.card_control] = _with_length(_card_control(holder, uid8))
    return Contents(holder.key, "ktp", holder.card_type, holder.uid, uid8, files, uid8)


def _with_length(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def _uid8_type_b(pupi: bytes) -> bytes:
    return hashlib.sha256(b"simulated type B serial" + pupi).digest()[:8]


def _card_control(holder: CardHolder, uid8: bytes) -> bytes:
    head = b"SIM" + hashlib.sha256(holder.nik.encode()).digest()
    head = head.ljust(KTP_EL.card_control_bytes - _CARD_CONTROL_CHECKED_BYTES, b"\0")
    return head + keys.card_control_check(head, uid8)


def _biodata(holder: CardHolder) -> bytes:
    unconfirmed = ""
    return biodata.encode(
        (
            holder.nik,
            holder.address,
            holder.rt,
            holder.rw,
            holder.birth_place,
            holder.district,
            holder.village,
            holder.regency,
            holder.sex,
            holder.blood,
            holder.religion,
            holder.marital,
            holder.occupation,
            holder.name,
            holder.birth_date.strftime("%d-%m-%Y"),
            holder.province,
            unconfirmed,
            unconfirmed,
            unconfirmed,
            holder.nationality,
            unconfirmed,
        )
    )


@cache
def photo(holder: CardHolder) -> bytes:
    """The portrait as the largest JPEG that fits."""
    with Image.open(holder.portrait) as picture:
        small = picture.convert("RGB")
    small.thumbnail(_PHOTO_PX, Image.Resampling.LANCZOS)
    for quality in range(85, 10, -5):
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= PHOTO_BYTES:
            return out.getvalue()
    raise ValueError(f"the portrait of {holder.key} does not fit on a chip")


def _signature(holder: CardHolder) -> bytes:
    """A scribble, 168 x 44 black and white, deflated; the real codec is not published."""
    pen = random.Random(holder.key)
    image = Image.new("1", _SIGNATURE_PX, 1)
    x, y = 6.0, 24.0
    points = []
    while x < _SIGNATURE_PX[0] - 8:
        points.append((x, y))
        x += pen.uniform(1, 7)
        y = min(40.0, max(4.0, y + pen.uniform(-14, 14)))
    ImageDraw.Draw(image).line(points, fill=0, width=2, joint="curve")
    return zlib.compress(image.tobytes(), 9)


def _minutiae(holder: CardHolder, finger: int) -> bytes:
    """Invented bytes; the real format is not published."""
    return b"SIM" + random.Random(f"{holder.key} {finger}").randbytes(_MINUTIAE_BYTES)


def _sign(signed: bytes) -> bytes:
    der = keys.signing_key().sign(signed, ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + _SIGNER
