"""Tells systemd that the screens are up and turning (sd_notify(3): datagrams to the socket named in NOTIFY_SOCKET)."""

import os
import socket
from collections.abc import Mapping


class Notifier:
    """Sends states to the service manager; silent when there is none.

    Attributes:
        watchdog_s: how often at most to feed the watchdog, seconds: half of WATCHDOG_USEC; None when not asked for.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        path = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the zero byte of an abstract socket (sd_notify(3)).
        self._address = "\0" + path[1:] if path.startswith("@") else path
        usec = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(usec) / 2e6 if self._address and usec and mine else None

    def send(self, state: str) -> None:
        """Sends one state, as ``READY=1``. A manager that is gone is no reason to stop serving."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            try:
                sender.sendto(state.encode(), self._address)
            except OSError:
                return
