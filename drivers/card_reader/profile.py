"""The KTP-el profile: files, lengths, instructions and fields, as data.

Sources: BPPT's description of the chip (published by Kompas, 2021-02-14), the annex of Permendagri 34/2014 and its
successor Permendagri 76/2020, and what readers of real cards log. What no public source confirms is marked [X];
all of it can be set in the configuration.
"""

from dataclasses import dataclass, field

BIODATA_FIELDS: tuple[str, ...] = (
    "nik",
    "address",
    "rt",
    "rw",
    "birth_place",
    "district",
    "village",
    "regency",
    "sex",
    "blood",
    "religion",
    "marital",
    "occupation",
    "name",
    "birth_date",
    "province",
    "unconfirmed_16",  # [X]
    "unconfirmed_17",  # [X]
    "unconfirmed_18",  # [X]
    "nationality",
    "unconfirmed_20",  # [X]
)

# ATRs that PC/SC Part 3 (2.01.09, section 3.1.3.2.3) gives to storage cards: no APDU will ever make these an e-KTP.
STORAGE_CARD_ATR = r"^3B8F8001804F0CA000000306"


@dataclass(frozen=True, slots=True)
class SamProfile:
    """Instructions of the SAM; all with CLA 00.

    Attributes:
        secret_bytes: Length of the provisioned secret.
        p2_standard_card_control: P2 of F1 when the card control has its standard length, else 00.
        reply_carries_status: Whether F4 takes the card's reply with its status word, and gives the plain reply
            with its own [X].
        feed_bytes: Most bytes fed in one command [X].
        auto_verify, feed_signature, feed_photo, auto_decipher, stop, verify: P1 of FA.
        verify_replies: Data that the verify reply may carry to count as verified; None takes any data with 9000 [X].
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # read by pydantic, which wants a plain dict

    ins_open: int = 0xF0
    ins_reset: int = 0xFF
    ins_challenge: int = 0xF1
    ins_confirm: int = 0xF2
    ins_wrap: int = 0xF3
    ins_unwrap: int = 0xF4
    ins_data: int = 0xFA
    secret_bytes: int = 32
    p2_standard_card_control: int = 0x01
    reply_carries_status: bool = True
    feed_bytes: int = 0xF8
    auto_verify: int = 0x00
    feed_signature: int = 0x06
    feed_photo: int = 0x03
    auto_decipher: int = 0x05
    stop: int = 0x02
    verify: int = 0x04
    verify_replies: tuple[bytes, ...] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The card.

    Attributes:
        df: Dedicated file of the application.
        card_control, biodata, photo, signature, minutiae, digital_signature: Elementary files.
        card_control_reads: Lengths to try for the card control: 2 + 51 bytes, or 2 + 52 [X].
        card_control_bytes: Standard length of the card control without its header.
        digital_signature_bytes: The one file without a length header.
        header_bytes: Bytes read first to learn a file's length.
        secure_header_bytes: The same through the SAM; the 2-byte length itself is not enciphered [X].
        plain_chunk_bytes: Most bytes per READ BINARY; 0xF8 in known readers, 0x70 in a cautious one.
        secure_chunk_bytes: The same through the SAM; a multiple of 8.
        cipher_block_bytes: Signature and minutiae are stored padded to a multiple of this.
        max_file_bytes: The chip has 8 KB; a longer file is nonsense.
        uid_type_a_prefix: Put before a 7-byte UID to make the SAM's 8.
        uid_type_a_bytes: UID lengths taken as type A; what 4- and 10-byte ones become for the SAM is unknown [X].
        foreign_atrs: Regular expressions over the ATR in upper-case hex; a match is no e-KTP.
        expected_secure_bytes: Typical bytes of all files through the SAM, for the progress only.
        biodata_fields: Names of the biodata's fields in chip order, nik and name among them; a machine may be told what
            the unconfirmed ones are.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # read by pydantic, which wants a plain dict

    df: int = 0x7F0A
    card_control: int = 0x6FF0
    biodata: int = 0x6FF1
    photo: int = 0x6FF2
    signature: int = 0x6FF3
    minutiae: tuple[int, ...] = (0x6FF4, 0x6FF5)
    digital_signature: int = 0x6FF6
    card_control_reads: tuple[int, ...] = (0x35, 0x36)
    card_control_bytes: int = 51
    digital_signature_bytes: int = 80
    header_bytes: int = 8
    secure_header_bytes: int = 2
    plain_chunk_bytes: int = 0xF8
    secure_chunk_bytes: int = 0xD0
    cipher_block_bytes: int = 8
    max_file_bytes: int = 8192
    uid_type_a_prefix: int = 0x80
    uid_type_a_bytes: tuple[int, ...] = (7,)
    foreign_atrs: tuple[str, ...] = (STORAGE_CARD_ATR,)
    expected_secure_bytes: int = 2048
    biodata_fields: tuple[str, ...] = BIODATA_FIELDS
    sam: SamProfile = field(default_factory=SamProfile)

    def __post_init__(self) -> None:
        names = self.biodata_fields
        if len(set(names)) != len(names) or not {"nik", "name"} <= set(names):
            raise ValueError("biodata_fields are different names, nik and name among them")


KTP_EL = Profile()
