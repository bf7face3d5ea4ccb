"""ICAO Doc 9303-11 (8th edition) Appendix D, worked examples D.1 to D.4, and what must not pass."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_reader.apdu import Command, Response
from simulator.chip import sm

K_ENC, K_MAC = (bytes.fromhex(k) for k in ("AB94FDECF2674FDFB9B391F85D7F76F2", "7962D9ECE03D1ACD4C76089DCE131543"))
KS_ENC, KS_MAC = (bytes.fromhex(k) for k in ("979EC13B1CBFE9DCD01AB0FED307EAE5", "F1CB1F1FB5ADF208806B89DC579DC1F8"))
SSC = bytes.fromhex("887022120C06C226")
RND_IC, RND_IFD = bytes.fromhex("4608F91988702212"), bytes.fromhex("781723860C06C226")
SECRET_IFD = bytes.fromhex("0B795240CB7049B01C19B33E32804F0B")
SECRET_IC = bytes.fromhex("0B4F80323EB3191CB04970CB4052790B")
E_IFD = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"
E_IC = "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F"

# D.4: plain command, wrapped command, wrapped answer, plain answer.
EXCHANGES = [
    (
        "00A4020C02011E",
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
        "990290008E08FA855A5D4C50A8ED9000",
        "",
    ),
    (
        "00B0000004",
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        "60145F01",
    ),
    (
        "00B0000412",
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        "04303130365F36063034303030305C026175",
    ),
]


def test_d2_keys_are_derived() -> None:
    seed = hashlib.sha1(b"L898902C<369080619406236").digest()[:16]
    assert seed.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAE"
    assert sm.derive_keys(seed) == (K_ENC, K_MAC)


def test_d3_both_sides_authenticate() -> None:
    from_terminal = sm.authenticate((K_ENC, K_MAC), RND_IFD, RND_IC, SECRET_IFD)
    assert from_terminal.hex().upper() == E_IFD + "5F1448EEA8AD90A7"
    from_card = sm.authenticate((K_ENC, K_MAC), RND_IC, RND_IFD, SECRET_IC)
    assert from_card.hex().upper() == E_IC + "2F2D235D074D7449"
    assert sm.check_authentication((K_ENC, K_MAC), from_card) == (RND_IC, RND_IFD, SECRET_IC)


def test_d3_session_keys_and_counter_follow() -> None:
    agreed = sm.Session.agree(SECRET_IFD, SECRET_IC, RND_IC, RND_IFD)
    assert agreed.wrap_command(bytes.fromhex(EXCHANGES[0][0])) == bytes.fromhex(EXCHANGES[0][1])


def test_d4_the_terminal_wraps_and_unwraps() -> None:
    terminal = sm.Session(KS_ENC, KS_MAC, SSC)
    for plain, wrapped, answer, data in EXCHANGES:
        assert terminal.wrap_command(bytes.fromhex(plain)).hex().upper() == wrapped
        assert terminal.unwrap_response(bytes.fromhex(answer)) == Response(bytes.fromhex(data), 0x9000)


def test_d4_the_card_unwraps_and_wraps() -> None:
    card = sm.Session(KS_ENC, KS_MAC, SSC)
    for plain, wrapped, answer, data in EXCHANGES:
        assert card.unwrap_command(bytes.fromhex(wrapped)).encode().hex().upper() == plain
        assert card.wrap_response(Response(bytes.fromhex(data), 0x9000)).hex().upper() == answer


@pytest.mark.parametrize(("size", "wrapped"), [(80, 107), (208, 236)])
def test_lengths_are_those_that_readers_of_real_cards_log(size: int, wrapped: int) -> None:
    assert len(sm.Session(KS_ENC, KS_MAC, SSC).wrap_response(Response(bytes(size), 0x9000))) == wrapped


def test_command_lengths_are_those_that_readers_of_real_cards_log() -> None:
    terminal = sm.Session(KS_ENC, KS_MAC, SSC)
    assert len(terminal.wrap_command(Command(0, 0xA4, data=b"\x6f\xf1").encode())) == 27
    assert len(terminal.wrap_command(Command(0, 0xB0, ne=80).encode())) == 19


@given(st.binary(max_size=200), st.integers(0, 256), st.binary(max_size=220))
def test_both_sides_understand_each_other(data: bytes, ne: int, answer: bytes) -> None:
    terminal, card = sm.Session(KS_ENC, KS_MAC, SSC), sm.Session(KS_ENC, KS_MAC, SSC)
    command = Command(0, 0xB0, 1, 2, data, ne)
    assert card.unwrap_command(terminal.wrap_command(command.encode())) == command
    assert terminal.unwrap_response(card.wrap_response(Response(answer, 0x6282))) == Response(answer, 0x6282)


@given(st.integers(0), st.integers(1, 255))
def test_no_turned_bit_passes(at: int, turned: int) -> None:
    answer = bytearray.fromhex(EXCHANGES[1][2])
    terminal = sm.Session(KS_ENC, KS_MAC, SSC)
    terminal.wrap_command(bytes.fromhex(EXCHANGES[0][0]))
    terminal.unwrap_response(bytes.fromhex(EXCHANGES[0][2]))
    terminal.wrap_command(bytes.fromhex(EXCHANGES[1][0]))
    # The outer status word is not covered by the MAC; the one inside is.
    answer[at % (len(answer) - 2)] ^= turned
    with pytest.raises(sm.SecureMessagingError):
        terminal.unwrap_response(bytes(answer))


def test_an_answer_is_good_for_its_own_command_only() -> None:
    terminal = sm.Session(KS_ENC, KS_MAC, SSC)
    terminal.wrap_command(bytes.fromhex(EXCHANGES[0][0]))
    terminal.unwrap_response(bytes.fromhex(EXCHANGES[0][2]))
    terminal.wrap_command(bytes.fromhex(EXCHANGES[0][0]))
    with pytest.raises(sm.SecureMessagingError):
        terminal.unwrap_response(bytes.fromhex(EXCHANGES[0][2]))


def test_authentication_with_other_keys_fails() -> None:
    with pytest.raises(sm.SecureMessagingError):
        sm.check_authentication((K_ENC, KS_MAC), bytes.fromhex(E_IC + "2F2D235D074D7449"))
