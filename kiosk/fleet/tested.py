"""What the last self-test says about what the devices themselves cannot: it counts until the next one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adm.fleet.v1 import fleet_pb2 as fleet

from selftest.report import canonical

# Their status is asked every few seconds, and is newer than any report.
_LIVE: Final = frozenset(
    {
        "card_reader",
        "sam",
        "camera",
        "document_printer",
        "receipt_printer",
        "paper_feeder",
        "card_printer",
        "card_encoder",
        "kia_printer",
        "registry",
    }
)
# Without these nobody may be served; the rest only wants somebody to come.
_HINDERS: Final = ("face.known", "journal.verify", "door.tamper")


class LastTest:
    """The newest finding of each check.

    Attributes:
        began_at: Of the newest report; empty before the first.
    """

    def __init__(self) -> None:
        self.began_at = ""
        self._failed: dict[str, str] = {}

    def take(self, report: Mapping[str, Any]) -> None:
        """A report has come; what it left out stays as it was."""
        if report["began_at"] < self.began_at:
            return
        self.began_at = report["began_at"]
        for check in report["checks"]:
            if check["outcome"] == "pass":
                self._failed.pop(check["id"], None)
            elif check["outcome"] == "fail":
                self._failed[check["id"]] = f"selftest:{check['id']}:{check['reason']}"

    @property
    def hinders(self) -> str:
        """Why nobody may be served; empty when nothing forbids it."""
        return next((self._failed[check] for check in _HINDERS if check in self._failed), "")

    @property
    def mars(self) -> tuple[str, ...]:
        """What somebody should come for."""
        return tuple(
            reason
            for check, reason in sorted(self._failed.items())
            if check not in _HINDERS and check.partition(".")[0] not in _LIVE
        )


def as_message(report: Mapping[str, Any], signature: bytes) -> fleet.SelfTestReport:
    """For central: the very bytes that were signed."""
    message = fleet.SelfTestReport(
        level=fleet.SelfTestLevel.Value(f"SELF_TEST_LEVEL_{str(report['level']).upper()}"),
        well=report["well"],
        report=canonical(report),
        signature=signature,
    )
    message.began_at.FromDatetime(datetime.fromisoformat(report["began_at"]))
    return message
