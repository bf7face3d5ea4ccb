"""Reading an e-KTP: the documented sequence, top to bottom, over two channels and nothing else."""

import re
from collections.abc import Callable

from drivers.card_reader import biodata as biodata_file
from drivers.card_reader import status_words
from drivers.card_reader.apdu import MAX_SHORT_NE, Command, Response
from drivers.card_reader.channel import Channel
from drivers.card_reader.port import (
    Assurance,
    Biodata,
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    ChipReading,
    NotAnEktp,
)
from drivers.card_reader.profile import Profile
from drivers.card_reader.sam import Sam, SamCode, SamLost
from drivers.card_reader.status_words import Kind
from drivers.errors import ProtocolError

GET_UID = Command(0xFF, 0xCA, ne=MAX_SHORT_NE)
"""PC/SC Part 3 (2.01.09) 3.2.2.1.3: answered by the reader; a PUPI for type B."""
GET_UID8 = Command(0x00, 0xDD, ne=8)
"""UID of a type B e-KTP; type A answers 6D00."""
GET_CHALLENGE = Command(0x00, 0x84, ne=8)

_UID_BYTES = range(4, 11)
_MUTUAL_BYTES = 40
_LENGTH_BYTES = 2
_NO_EKTP = {Kind.ABSENT, Kind.UNSUPPORTED, Kind.WRONG_LENGTH, Kind.STATE, Kind.REFUSED, Kind.PARAMETERS}


def select(file: int) -> Command:
    """SELECT a DF or EF by its identifier."""
    return Command(0x00, 0xA4, data=file.to_bytes(2, "big"))


def read_binary(offset: int, size: int) -> Command:
    """READ BINARY of the selected EF."""
    return Command(0x00, 0xB0, offset >> 8, offset & 0xFF, ne=size)


def refuse_foreign(atr: bytes, profile: Profile) -> None:
    """Tell by its ATR alone a card that can never be an e-KTP.

    Raises:
        NotAnEktp: It is one of those.
    """
    text = atr.hex().upper()
    if any(re.search(pattern, text) for pattern in profile.foreign_atrs):
        raise NotAnEktp("a storage card, by its ATR")


def uid_of(card: Channel) -> bytes:
    """The UID, which the reader tells of any contactless card (PC/SC Part 3, GET DATA).

    Raises:
        CardUnreadable: It does not, or what it tells is no UID.
    """
    response = card.send(GET_UID)
    if not _ok(response) or len(response.data) not in _UID_BYTES:
        raise CardUnreadable(f"no UID: {status_words.describe(response.sw)}")
    return response.data


class EktpRead:
    """One reading of one card.

    Args:
        card: The card.
        sam: An opened SAM, or None.
        unverified_reason: Why there is no SAM, empty with one.
        profile: The card's files and lengths.
        on_progress: Hears 0 to 1, never less than before.
    """

    def __init__(
        self,
        card: Channel,
        sam: Sam | None,
        unverified_reason: str,
        profile: Profile,
        on_progress: Callable[[float], None],
    ) -> None:
        self._card = card
        self._sam = sam
        self._reason = unverified_reason
        self._profile = profile
        self._on_progress = on_progress
        self._done_bytes = 0
        self._reported = 0.0
        self._expected_bytes = profile.expected_secure_bytes

    def run(self) -> ChipReading:
        """Read everything this card and this SAM give.

        Raises:
            CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic, SamFault: See the port.
        """
        try:
            return self._run()
        except ProtocolError as error:
            raise CardUnreadable(f"the card: {error}") from error

    def plain_photo(self) -> bytes:
        """The photo's file alone, without its length; raises as `run`."""
        try:
            self._select_application()
            return self._plain_file(self._profile.photo)[_LENGTH_BYTES:]
        except ProtocolError as error:
            raise CardUnreadable(f"the card: {error}") from error

    def _run(self) -> ChipReading:
        self._on_progress(0.0)
        uid = uid_of(self._card)
        self._select_application()
        photo_file = self._plain_file(self._profile.photo)
        biodata, signature = None, b""
        if self._sam is not None:
            try:
                biodata, signature = self._secure_part(self._sam, uid, photo_file)
            except SamLost:
                self._sam, self._reason = None, SamCode.MISSING
            except CardNotAuthentic:
                # A card swapped between two commands fails the SAM too, and is no forgery.
                self._still_there(uid)
                raise
        self._still_there(uid)
        self._on_progress(1.0)
        return ChipReading(
            uid=uid,
            assurance=Assurance.SAM_VERIFIED if self._sam else Assurance.UNVERIFIED,
            reason=self._reason,
            biodata=biodata,
            photo=photo_file[_LENGTH_BYTES:],
            signature=signature,
        )

    def _secure_part(self, sam: Sam, uid: bytes, photo_file: bytes) -> tuple[Biodata, bytes]:
        profile = self._profile
        self._authenticate(sam, self._uid8(uid))
        sam.start_verification(self._digital_signature(sam))
        biodata = biodata_file.parse(self._secure_file(sam, profile.biodata), profile.biodata_fields)
        sam.feed_photo(photo_file)
        sam.decipher()
        signature = self._secure_file(sam, profile.signature, enciphered=True)
        for minutiae in profile.minutiae:
            # The SAM must digest them; nothing here keeps them.
            self._secure_file(sam, minutiae, enciphered=True)
        sam.verify()
        return biodata, signature

    def _uid8(self, uid: bytes) -> bytes:
        response = self._card.send(GET_UID8)
        if _ok(response) and len(response.data) == GET_UID8.ne:
            return response.data
        if status_words.kind(response.sw) is Kind.UNSUPPORTED and len(uid) in self._profile.uid_type_a_bytes:
            return bytes((self._profile.uid_type_a_prefix,)) + uid
        raise CardUnreadable(f"no UID for the SAM: {status_words.describe(response.sw)}")

    def _still_there(self, uid: bytes) -> None:
        if uid_of(self._card) != uid:
            raise CardRemoved("another card lies there now")

    def _select_application(self) -> None:
        response = self._card.send(select(self._profile.df), MAX_SHORT_NE)
        if status_words.kind(response.sw) in _NO_EKTP:
            raise NotAnEktp(f"no e-KTP application: {status_words.describe(response.sw)}")
        _require(response, "application")

    def _plain_file(self, file: int) -> bytes:
        """A file that needs no SAM, with its length header; just the header when it is empty."""
        _require(self._card.send(select(file), MAX_SHORT_NE), f"file {file:04X}")
        # An empty file is shorter than the header read: then the card gives what there is.
        first = self._card.send(read_binary(0, self._profile.header_bytes))
        if len(first.data) < _LENGTH_BYTES or status_words.kind(first.sw) not in (Kind.OK, Kind.WARNING):
            raise CardUnreadable(f"file {file:04X}: {status_words.describe(first.sw)}")
        content = first.data
        size = _LENGTH_BYTES + self._file_size(content)
        if len(content) < min(size, self._profile.header_bytes):
            raise CardUnreadable(f"file {file:04X}: {len(content)} bytes where more were asked for")
        self._expected_bytes += size
        while len(content) < size:
            step = min(size - len(content), self._profile.plain_chunk_bytes)
            content += self._whole(self._card.send(read_binary(len(content), step)), step)
        return content[:size]

    def _authenticate(self, sam: Sam, uid8: bytes) -> None:
        card_control = self._card_control()
        challenge = self._card.send(GET_CHALLENGE)
        _require(challenge, "challenge")
        answer = sam.challenge(card_control, uid8, self._whole(challenge, GET_CHALLENGE.ne), self._profile)
        response = self._card.send(Command(0x00, 0x82, data=answer), MAX_SHORT_NE)
        if status_words.kind(response.sw) in (Kind.REFUSED, Kind.LOCKED):
            raise CardNotAuthentic(f"the card refuses the SAM: {status_words.describe(response.sw)}")
        _require(response, "authentication")
        sam.confirm(self._whole(response, _MUTUAL_BYTES))

    def _card_control(self) -> bytes:
        _require(self._card.send(select(self._profile.card_control), MAX_SHORT_NE), "card control")
        for size in self._profile.card_control_reads:
            response = self._card.send(read_binary(0, size))
            whole = response.data[:_LENGTH_BYTES] == (size - _LENGTH_BYTES).to_bytes(2, "big")
            if _ok(response) and len(response.data) == size and whole:
                self._count(size)
                return response.data[_LENGTH_BYTES:]
        raise CardUnreadable(f"card control: {status_words.describe(response.sw)}")

    def _digital_signature(self, sam: Sam) -> bytes:
        self._secure(sam, select(self._profile.digital_signature))
        return self._secure_read(sam, 0, self._profile.digital_signature_bytes)

    def _secure_file(self, sam: Sam, file: int, enciphered: bool = False) -> bytes:
        """Contents of a file that the SAM must unwrap, without the length header."""
        self._secure(sam, select(file))
        header = self._secure_read(sam, 0, self._profile.secure_header_bytes)
        size = self._file_size(header)
        stored = size
        if enciphered:
            stored += -size % self._profile.cipher_block_bytes
        content = header[_LENGTH_BYTES:]
        while len(content) < stored:
            step = min(stored - len(content), self._profile.secure_chunk_bytes)
            content += self._secure_read(sam, _LENGTH_BYTES + len(content), step)
        return content[:size]

    def _secure_read(self, sam: Sam, offset: int, size: int) -> bytes:
        return self._whole(self._secure(sam, read_binary(offset, size)), size)

    def _secure(self, sam: Sam, command: Command) -> Response:
        reply = self._card.raw(sam.wrap(command.encode()))
        if len(reply) == _LENGTH_BYTES:
            # The card ended secure messaging: a bare status word, which the SAM cannot unwrap.
            bare = Response.decode(reply)
            raise CardUnreadable(f"the card ends secure messaging: {status_words.describe(bare.sw)}")
        outer = Response.decode(reply)
        _require(outer, "secure command")
        inner = sam.unwrap(reply)
        _require(inner, "command")
        return inner

    def _file_size(self, content: bytes) -> int:
        size = int.from_bytes(content[:_LENGTH_BYTES], "big")
        if size > self._profile.max_file_bytes - _LENGTH_BYTES:
            raise CardUnreadable(f"a file of {size} bytes on a chip of {self._profile.max_file_bytes}")
        return size

    def _whole(self, response: Response, size: int) -> bytes:
        _require(response, "read")
        if len(response.data) != size:
            raise CardUnreadable(f"{len(response.data)} bytes where {size} were asked for")
        self._count(size)
        return response.data

    def _count(self, size: int) -> None:
        self._done_bytes += size
        done = min(0.99, self._done_bytes / max(self._expected_bytes, self._done_bytes))
        # What is expected grows once the photo's length is known.
        self._reported = max(self._reported, done)
        self._on_progress(self._reported)


def _ok(response: Response) -> bool:
    return status_words.kind(response.sw) is Kind.OK


def _require(response: Response, what: str) -> None:
    if not _ok(response):
        raise CardUnreadable(f"{what}: {status_words.describe(response.sw)}")
