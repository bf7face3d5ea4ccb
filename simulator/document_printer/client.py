"""Talks to ippeveprinter from inside: how the simulator asks and tells it things. Blocking; called in
threads.
"""

import http.client
from urllib.parse import urlencode, urlsplit

from drivers.document_printer.ipp_codec import Message, decode, encode
from drivers.document_printer.ipp_operations import A4, Capabilities, Requests
from drivers.errors import ProtocolError

ANSWER_S = 5.0
STATE_JOB = b"RaS2PwgRaster simulator state"
"""The "document" of a job that only carries a state."""
_NOTHING = Capabilities(*[frozenset()] * 7)


class Client:
    """One ippeveprinter; every method gives None, or nothing, when it does not answer."""

    def __init__(self, uri: str) -> None:
        """Take its address, "ipp://127.0.0.1:PORT/ipp/print"."""
        parts = urlsplit(uri)
        assert parts.hostname is not None  # We made it.
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._requests = Requests(uri, "simulator")

    def printer(self) -> Message | None:
        """Get-Printer-Attributes."""
        return self._ask(self._requests.state())

    def job(self, job_id: int) -> Message | None:
        """Get-Job-Attributes."""
        return self._ask(self._requests.job(job_id))

    def send_state_job(self) -> None:
        """Have the print command run; refused while another job is there."""
        self._ask(self._requests.print_job("simulator state", _NOTHING), STATE_JOB)

    def set_paper(self, level: int) -> None:
        """Fill in the "media" form: A4 in the main tray; the by-pass tray stays as it is at the start."""
        form = {"size1": A4, "type1": "stationery", "level1": level}
        form |= {"size3": "na_number-10_4.125x9.5in", "type3": "envelope", "level3": -2}
        self._http("GET", f"/media?{urlencode(form)}")

    def _ask(self, message: Message, document: bytes = b"") -> Message | None:
        raw = self._http("POST", self._path, encode(message) + document)
        try:
            return None if raw is None else decode(raw)[1]
        except ProtocolError:
            return None

    def _http(self, method: str, path: str, body: bytes | None = None) -> bytes | None:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/ipp"} if body else {})
            with connection.getresponse() as response:
                return response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
