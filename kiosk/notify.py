"""Tells systemd how the daemon is (sd_notify(3)): ready, alive, stopping. Does nothing outside systemd."""

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Send one state, as READY=1 or WATCHDOG=1."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link, contextlib.suppress(OSError):
        # A manager that went away is told nothing; the machine goes on.
        link.connect(address)
        link.sendall(state.encode())


def watchdog_interval_s() -> float | None:
    """How often WATCHDOG=1 is due: half of what systemd set; None without a watchdog."""
    usec = os.environ.get("WATCHDOG_USEC")
    return int(usec) / 2_000_000 if usec else None
