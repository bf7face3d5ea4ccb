"""Exported logs: only the Dinas's key opens them, damage is seen, and a stick holds what was written."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.technician.export import find_stick, write
from kiosk.technician.sealing import CannotSeal, private_key, public_key, seal, unseal

KEY = X25519PrivateKey.generate()
PEM = Encoding.PEM


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_what_was_sealed_is_opened_by_its_key(plain: bytes) -> None:
    sealed = seal(plain, KEY.public_key())
    assert unseal(sealed, KEY) == plain
    assert len(plain) < 8 or plain not in sealed


def test_each_sealing_looks_different() -> None:
    assert seal(b"logs", KEY.public_key()) != seal(b"logs", KEY.public_key())


@pytest.mark.parametrize("at", [0, 8, 40, 52, -1])
def test_a_changed_bit_is_seen(at: int) -> None:
    sealed = bytearray(seal(b"logs of a machine", KEY.public_key()))
    sealed[at] ^= 1
    with pytest.raises(CannotSeal):
        unseal(bytes(sealed), KEY)


@pytest.mark.parametrize(
    "sealed",
    [b"", b"ADMSEAL1", seal(b"x", X25519PrivateKey.generate().public_key())],
    ids=["empty", "no more than its mark", "for another key"],
)
def test_another_key_and_no_file_open_nothing(sealed: bytes) -> None:
    with pytest.raises(CannotSeal):
        unseal(sealed, KEY)


def test_keys_are_read_and_others_refused(tmp_path: Path) -> None:
    public, private = tmp_path / "p.pem", tmp_path / "k.pem"
    public.write_bytes(KEY.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(KEY.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert unseal(seal(b"x", public_key(public)), private_key(private)) == b"x"
    other = Ed25519PrivateKey.generate()
    public.write_bytes(other.public_key().public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo))
    private.write_bytes(other.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
    for read, path in ((public_key, public), (private_key, private), (public_key, tmp_path / "none")):
        with pytest.raises(CannotSeal):
            read(path)


def test_a_plain_folder_is_a_stick_in_a_simulation_alone(tmp_path: Path) -> None:
    assert find_stick(tmp_path, simulated=True) is None
    (tmp_path / "stick").mkdir()
    assert find_stick(tmp_path, simulated=True) == tmp_path / "stick"
    assert find_stick(tmp_path, simulated=False) is None
    assert find_stick(tmp_path / "none", simulated=True) is None


def test_a_file_on_a_stick_is_never_overwritten(tmp_path: Path) -> None:
    assert write(tmp_path, "a.sealed", b"one").read_bytes() == b"one"
    with pytest.raises(FileExistsError):
        write(tmp_path, "a.sealed", b"two")
