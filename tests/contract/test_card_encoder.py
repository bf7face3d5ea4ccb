"""What an encoder does, over a real pcscd, with the blank that the printer brings to its station."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.card_printer.encoder import PcscEncoder
from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.personalise import BlankDefective, BlankNotSeen, CardFiles
from drivers.card_printer.port import Place
from drivers.card_reader.profile import KTP_EL
from drivers.errors import DeadlineExceeded, NotFound
from drivers.status import DeviceState
from drivers.transport import pcsc
from simulator.card_printer.card import Card, Spot
from simulator.card_printer.encoder import PORT, READER, VirtualEncoder
from simulator.chip.device import VirtualCardReader
from tests.support.card_bench import SAMPLES
from tests.support.card_printer_bench import soon
from tests.support.encoder_bench import FILES, EncoderBench

pytestmark = pytest.mark.xdist_group("card_reader")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncoderBench]:
    bench = EncoderBench(tmp_path_factory.mktemp("encoder"))
    yield bench
    bench.close()


@pytest.fixture
def printer(bench: EncoderBench) -> Iterator[EvolisPrinter]:
    driver = bench.driver()
    yield driver
    bench.fault(None)
    if driver.status(soon()).card_at is not None:
        driver.move(Place.REJECT, soon())
    bench.act("empty_reject")
    driver.close()


@pytest.fixture
def encoder(bench: EncoderBench, printer: EvolisPrinter) -> Iterator[PcscEncoder]:
    driver = bench.encoder()
    yield driver
    driver.close()


def encode(encoder: PcscEncoder, files: CardFiles = FILES, seconds: float = 30.0) -> bytes:
    return encoder.encode(files, soon(seconds), lambda done: None)


def last_card(bench: EncoderBench) -> int:
    return bench.virtual.mechanism.cards[-1].number


def test_a_blank_is_written_read_back_and_locked(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder
) -> None:
    heard: list[float] = []
    printer.move(Place.CONTACTLESS, soon())
    uid = encoder.encode(FILES, soon(), heard.append)
    chip = bench.contents(last_card(bench))
    assert chip.locked
    assert chip.files == FILES.by_identifier()
    assert chip.files[KTP_EL.photo][:2] == len(FILES.photo).to_bytes(2, "big")
    assert len(uid) == 7
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_the_chip_follows_the_card_to_the_station_and_away(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder
) -> None:
    with pytest.raises(BlankNotSeen):
        encode(encoder, seconds=0.6)
    printer.move(Place.CONTACTLESS, soon())
    encode(encoder)
    printer.move(Place.INSIDE, soon())
    with pytest.raises(BlankNotSeen):
        encode(encoder, seconds=0.6)


def test_a_card_that_was_encoded_is_no_blank_any_more(printer: EvolisPrinter, encoder: PcscEncoder) -> None:
    printer.move(Place.CONTACTLESS, soon())
    encode(encoder)
    printer.move(Place.INSIDE, soon())
    printer.move(Place.CONTACTLESS, soon())
    with pytest.raises(BlankDefective, match="no blank"):
        encode(encoder)


def test_a_blank_that_does_not_keep_what_is_written_is_found_out_and_never_locked(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder
) -> None:
    bench.fault("blank_defective")
    printer.move(Place.CONTACTLESS, soon())
    with pytest.raises(BlankDefective, match="not what was written"):
        encode(encoder)
    assert not bench.contents(last_card(bench)).locked
    printer.move(Place.REJECT, soon())
    printer.move(Place.CONTACTLESS, soon())
    encode(encoder)
    assert bench.contents(last_card(bench)).locked


def test_a_mute_chip_ends_in_time_and_the_next_blank_is_encoded(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder
) -> None:
    bench.fault("encoder_mute")
    printer.move(Place.CONTACTLESS, soon())
    with pytest.raises(DeadlineExceeded):
        encode(encoder)
    assert not bench.contents(last_card(bench)).locked
    bench.fault(None)
    printer.move(Place.REJECT, soon())
    assert bench.virtual.mechanism.cards[-1].spot is Spot.REJECT
    printer.move(Place.CONTACTLESS, soon())
    encode(encoder)


def test_files_that_are_more_than_the_chip_holds_touch_no_blank(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder
) -> None:
    printer.move(Place.CONTACTLESS, soon())
    for files in (CardFiles(b"x", b"x", bytes(8192), b"x"), CardFiles(b"x", b"x", b"", b"x")):
        with pytest.raises(ValueError, match=r"chip|empty"):
            encode(encoder, files)
    assert bench.contents(last_card(bench)).files == {}


def test_without_an_encoder_there_is_no_device(bench: EncoderBench, printer: EvolisPrinter) -> None:
    encoder = bench.encoder(reader_pattern="^no such reader$")
    assert encoder.state(soon()) is DeviceState.NO_DEVICE
    with pytest.raises(NotFound):
        encode(encoder)
    encoder.close()
    encoder.close()
    with pytest.raises(NotFound):
        encode(encoder)


def test_it_says_that_it_is_simulated_and_nothing_personal(encoder: PcscEncoder) -> None:
    assert encoder.simulated
    assert encoder.state(soon()) is DeviceState.ONLINE
    assert "3520" not in repr(FILES)


async def test_reader_and_encoder_share_one_pcscd(tmp_path: Path) -> None:
    reader = VirtualCardReader(tmp_path / "reader", SAMPLES, kbit_s=None, more_readers={READER: PORT})
    encoder = VirtualEncoder(tmp_path / "encoder")
    await reader.start()
    try:
        await encoder.start(reader.cage)
        await reader.actions()["put"].run(resident="hamid")
        await encoder.place(Card(1))
        with pcsc.Context() as context:
            names = [name for name in context.readers() if "SAM" not in name]
        uids = [uid for name in names if (uid := await asyncio.to_thread(_uid, name))]
        assert len(set(uids)) == len(uids) == 2
    finally:
        await encoder.stop()
        await reader.stop()


def _uid(reader: str) -> bytes:
    """What lies in this reader, if anything does."""
    with pcsc.Context() as context:
        try:
            connection = context.connect(reader, exclusive=False)
        except pcsc.PcscError:
            return b""
        uid = connection.transmit(bytes.fromhex("FFCA000000"))[:-2]
        connection.disconnect(reset=True)
        return uid
