"""What the demo's processes inherit."""

import pytest

from simulator.demo import demo


@pytest.mark.parametrize("name", ["NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "PCSCLITE_CSOCK_NAME"])
def test_what_concerns_the_parent_alone_is_not_passed_on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "ours")
    monkeypatch.setenv("LANG", "C.UTF-8")
    passed = demo._environment()
    assert name not in passed
    assert passed["LANG"] == "C.UTF-8"
