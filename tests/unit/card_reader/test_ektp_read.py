"""The read as a sequence, over a simulated card and SAM in this process."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from drivers.card_reader.channel import Channel
from drivers.card_reader.ektp import EktpRead, refuse_foreign
from drivers.card_reader.port import (
    Assurance,
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    ChipReading,
    NotAnEktp,
    SamFault,
)
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import Sam, SamLost
from drivers.errors import DriverError
from simulator.chip import card_app, contents, keys
from simulator.chip.contents import Contents
from simulator.chip.faults import Fault, spoil
from simulator.chip.sam_app import SimulatedSam
from tests.unit.card_reader.bench import Table, holders, ktp, opened_sam, table

EXPECTED_FAILURES = (CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic)
SPOILERS = (Fault.WRONG_STATUS, Fault.SHORT_ANSWER, Fault.LONG_ANSWER, Fault.GARBLED_ANSWER)


def exchanges() -> int:
    whole = table()
    whole.read(opened_sam())
    return len(whole.sent)


def is_of(reading: ChipReading, card: Contents) -> bool:
    """Whether all of a reading is this card's: nothing of another one, nothing changed."""
    photo = reading.photo == card.files[KTP_EL.photo][2:]
    text = reading.biodata is None or reading.biodata.nik.encode() in card.files[KTP_EL.biodata]
    return photo and text and reading.uid == card.uid


def spoiled(fault: Fault, at: int) -> Callable[[int, bytes, bytes], bytes]:
    return lambda number, command, answer: spoil(fault, answer) if number == at else answer


@pytest.mark.parametrize("resident", sorted(holders()))
def test_every_sample_card_is_read_and_verified(resident: str) -> None:
    holder = holders()[resident]
    reading = table(resident).read(opened_sam())
    assert reading.assurance is Assurance.SAM_VERIFIED
    assert reading.reason == ""
    assert reading.biodata is not None
    assert (reading.biodata.nik, reading.biodata.name) == (holder.nik, holder.name)
    assert reading.biodata.fields[19] == holder.nationality
    assert reading.photo.startswith(b"\xff\xd8")
    assert reading.photo.endswith(b"\xff\xd9")
    assert reading.signature
    assert is_of(reading, ktp(resident))


def test_the_documented_commands_come_in_the_documented_order() -> None:
    desk = table("karto")
    desk.read(opened_sam())
    plain = [apdu.hex().upper() for apdu in desk.sent if apdu[0] != 0x0C]
    chunks = -(-(len(ktp("karto").files[KTP_EL.photo]) - 8) // 0xF8)
    assert plain[:5] == ["FFCA000000", "00A40000027F0A", "00A40000026FF2", "00B0000008", "00B00008F8"]
    assert plain[4 + chunks : -2] == ["00DD000008", "00A40000026FF0", "00B0000035", "0084000008"]
    assert plain[-2].startswith("0082000028")
    assert plain[-1] == "FFCA000000"
    # Five files through the SAM: digital signature, biodata, signature, two of minutiae.
    assert [len(apdu) for apdu in desk.sent if apdu[0] == 0x0C].count(27) == 5


def test_the_sam_hears_the_documented_operations_in_order() -> None:
    heard: list[tuple[int, int, int]] = []
    chip = SimulatedSam()

    def transmit(apdu: bytes) -> bytes:
        heard.append((apdu[1], apdu[2], apdu[3]))
        return chip.process(apdu)

    table().read(opened_sam(transmit))
    steps = [step for n, step in enumerate(heard) if step[0] not in (0xF3, 0xF4) and step not in heard[:n]]
    assert steps == [
        (0xFF, 0, 0),
        (0xF0, 0, 0),
        (0xF1, 0, 1),
        (0xF2, 0, 0),
        (0xFA, 0, 0),
        (0xFA, 6, 0),
        (0xFA, 3, 0),
        (0xFA, 5, 0),
        (0xFA, 2, 0),
        (0xFA, 4, 0),
    ]


def test_without_a_sam_photo_and_uid_are_read_and_nothing_is_claimed() -> None:
    reading = table().read(None, "samMissing")
    assert (reading.assurance, reading.reason) == (Assurance.UNVERIFIED, "samMissing")
    assert reading.biodata is None
    assert reading.signature == b""
    assert is_of(reading, ktp())


def test_a_sam_that_goes_away_in_mid_read_leaves_an_unverified_reading() -> None:
    chip, count = SimulatedSam(), 0

    def transmit(apdu: bytes) -> bytes:
        nonlocal count
        count += 1
        if count > 20:
            raise SamLost("gone")
        return chip.process(apdu)

    reading = table().read(opened_sam(transmit))
    assert (reading.assurance, reading.reason, reading.biodata) == (Assurance.UNVERIFIED, "samMissing", None)


def test_progress_only_grows_and_ends_at_one() -> None:
    heard: list[float] = []
    EktpRead(Channel(table().transmit), opened_sam(), "", KTP_EL, heard.append).run()
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
    assert len(set(heard)) > 20


@pytest.mark.parametrize("fault", SPOILERS)
def test_a_spoiled_answer_at_any_exchange_is_an_expected_end(fault: Fault) -> None:
    for at in range(exchanges()):
        desk = table()
        desk.change = spoiled(fault, at)
        try:
            reading = desk.read(opened_sam())
        except EXPECTED_FAILURES:
            continue
        assert is_of(reading, ktp()), f"exchange {at}"
        assert reading.assurance is Assurance.SAM_VERIFIED


@pytest.mark.parametrize("sam_there", [True, False])
def test_cards_swapped_at_any_exchange_never_mix(sam_there: bool) -> None:
    """The worst case: the swap makes no error at all, and the new card is already selected."""
    successes = 0
    for at in range(exchanges() + 1):
        desk = table("hamid")
        other = card_app.chip(ktp("karto"))
        prepare_like(other)

        def transmit(apdu: bytes, desk: Table = desk, other: card_app.Chip = other, at: int = at) -> bytes:
            if len(desk.sent) == at:
                desk.card = other
            desk.sent.append(apdu)
            return desk.card.process(apdu)

        sam = opened_sam() if sam_there else None
        try:
            reading = EktpRead(Channel(transmit), sam, "", KTP_EL, lambda done: None).run()
        except EXPECTED_FAILURES:
            continue
        successes += 1
        assert is_of(reading, ktp("hamid")) or is_of(reading, ktp("karto")), f"exchange {at}"
    assert successes >= 1


def prepare_like(card: card_app.Chip) -> None:
    """Bring a card to where the read of another one stands: photo selected."""
    for apdu in ("00A40000027F0A", "00A40000026FF2"):
        assert card.process(bytes.fromhex(apdu)) == b"\x90\x00"


@pytest.mark.parametrize("make", [contents.cloned, contents.keyless])
def test_a_forged_card_is_not_authentic(make: object) -> None:
    assert callable(make)
    with pytest.raises(CardNotAuthentic):
        Table(card_app.chip(make(holders()["hamid"]))).read(opened_sam())


def test_a_card_control_of_another_card_is_not_authentic() -> None:
    files = {**ktp("hamid").files, KTP_EL.card_control: ktp("nur").files[KTP_EL.card_control]}
    with pytest.raises(CardNotAuthentic):
        Table(card_app.chip(replace(ktp("hamid"), files=files))).read(opened_sam())


def test_a_swap_that_fails_the_sam_is_a_removal_and_no_forgery() -> None:
    desk = table("hamid")
    first = desk.card

    def change(number: int, command: bytes, answer: bytes) -> bytes:
        if command[1] == 0xDD and desk.card is first:
            desk.card = card_app.chip(ktp("nur"))
            prepare_like(desk.card)
        return answer

    desk.change = change
    with pytest.raises(CardRemoved):
        desk.read(opened_sam())


@pytest.mark.parametrize("kind", ["bank", "passport", "transit"])
def test_foreign_cards_are_no_ektp(kind: str) -> None:
    card = card_app.chip(contents.foreign(kind))
    with pytest.raises(NotAnEktp):
        Table(card).read(opened_sam())


def test_a_storage_card_is_told_by_its_atr() -> None:
    with pytest.raises(NotAnEktp):
        refuse_foreign(card_app.chip(contents.foreign("transit")).atr, KTP_EL)
    for card in (ktp("hamid"), ktp("karto")):
        refuse_foreign(card_app.chip(card).atr, KTP_EL)


def test_the_longer_card_control_is_read_too() -> None:
    longer = ktp().files[KTP_EL.card_control][2:] + b"\0"
    files = {**ktp().files, KTP_EL.card_control: len(longer).to_bytes(2, "big") + longer}
    heard: list[bytes] = []
    chip = SimulatedSam()

    def transmit(apdu: bytes) -> bytes:
        heard.append(apdu)
        return chip.process(apdu)

    # The simulated SAM does not know this card control, so it refuses; what it was given is what matters.
    with pytest.raises(CardNotAuthentic):
        Table(card_app.chip(replace(ktp(), files=files))).read(opened_sam(transmit))
    challenge = next(apdu for apdu in heard if apdu[1] == 0xF1)
    assert challenge[2:5] == bytes((0, 0, 52 + 16))


def test_an_unpersonalised_card_without_photo_is_read_without_one() -> None:
    files = {**ktp().files, KTP_EL.photo: b"\0\0"}
    assert Table(card_app.chip(replace(ktp(), files=files))).read(None, "samMissing").photo == b""


def test_a_header_cut_short_is_not_taken_for_a_short_file() -> None:
    desk = table()
    desk.change = spoiled(Fault.SHORT_ANSWER, desk_exchange("00B0000008"))
    with pytest.raises(CardUnreadable):
        desk.read(opened_sam())


def desk_exchange(command: str) -> int:
    """At which exchange of a read this command comes first."""
    desk = table()
    desk.read(opened_sam())
    return desk.sent.index(bytes.fromhex(command))


def test_a_file_longer_than_the_chip_is_nonsense() -> None:
    files = {**ktp().files, KTP_EL.photo: b"\xff\xff" + bytes(100)}
    with pytest.raises(CardUnreadable):
        Table(card_app.chip(replace(ktp(), files=files))).read(None, "samMissing")


@pytest.mark.parametrize("chunk", [0x70, 0xF8])
def test_the_chunk_size_is_the_profiles(chunk: int) -> None:
    desk = table()
    profile = replace(KTP_EL, plain_chunk_bytes=chunk)
    assert desk.read(opened_sam(), profile=profile).assurance is Assurance.SAM_VERIFIED
    lengths = {apdu[4] for apdu in desk.sent if apdu[:2] == b"\x00\xb0"}
    assert max(lengths) == chunk


def test_no_error_and_no_reading_shows_anybody() -> None:
    holder = holders()["hamid"]
    personal = (holder.nik, holder.name, holder.uid.hex(), holder.address)
    said = [repr(table().read(opened_sam()))]
    for at in range(exchanges()):
        for fault in SPOILERS:
            desk = table()
            desk.change = spoiled(fault, at)
            try:
                desk.read(opened_sam())
            except DriverError as error:
                said.append(f"{error!r} {error} {error.__cause__!r}")
    assert len(said) > 100
    assert not [one for one in said for secret in personal if secret.lower() in one.lower()]


def test_a_verify_reply_that_is_not_accepted_is_not_authentic() -> None:
    strict = replace(KTP_EL.sam, verify_replies=(b"\x01",))
    sam = Sam(Channel(SimulatedSam().process), strict)
    sam.open(keys.SAM_SECRET)
    with pytest.raises(CardNotAuthentic):
        table().read(sam)


def test_a_failing_sam_is_the_sams_fault() -> None:
    chip, count = SimulatedSam(), 0

    def transmit(apdu: bytes) -> bytes:
        nonlocal count
        count += 1
        return b"\x6f\x00" if count == 12 else chip.process(apdu)

    with pytest.raises(SamFault) as caught:
        table().read(opened_sam(transmit))
    assert caught.value.code == "samError"
