"""Configuration: typed, strict, every mistake at once."""

from pathlib import Path

import pytest

from central.config import Config, ConfigError


def test_what_init_wrote_is_a_good_configuration(directory: Path) -> None:
    config = Config.load(directory / "central.toml")
    assert (config.listen.host, config.registry.face_attempts, config.registry.face_lock_s) == ("127.0.0.1", 3, 900)
    assert config.tls.certificate == directory / "pki" / "server.pem"
    assert config.store.path == directory / "central.sqlite3"
    assert (config.limits.max_pending_requests, config.limits.max_pending_requests_hard) == (100_000, 200_000)


def test_all_mistakes_are_told_at_once_on_one_line(directory: Path) -> None:
    file = directory / "central.toml"
    text = file.read_text().replace("\nport = 0", "\nport = 70000").replace("pki/server.key", "pki/none.key")
    file.write_text(text.replace("[grants]\n", "[grants]\ncolour = 'red'\n").replace("official_nip", "nip"))
    with pytest.raises(ConfigError) as wrong:
        Config.load(file)
    message = str(wrong.value)
    assert message.startswith(f"{file}: 5 mistakes: ")
    assert "listen.port: Input should be less than or equal to 65535" in message
    assert "tls.key: no such file" in message
    assert "grants.colour: no such setting" in message
    assert "documents.official_nip: missing" in message
    assert "documents.nip: no such setting" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [("listen = [", "Invalid|Unexpected|Unclosed"), ("\x00", "."), ("", "tls: missing; store: missing")],
)
def test_a_file_that_is_no_configuration_is_told(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "central.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=expected):
        Config.load(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        Config.load(tmp_path / "none.toml")


def test_an_address_for_a_qr_must_be_one(directory: Path) -> None:
    file = directory / "central.toml"
    file.write_text(file.read_text().replace("http://127.0.0.1:0/v", "javascript:alert"))
    with pytest.raises(ConfigError, match=r"documents\.verify_url"):
        Config.load(file)
