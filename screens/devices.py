"""How devices and technicians' tasks look: the icon of each, and where a device is on the machine's drawing."""

from typing import NamedTuple

from adm.panel.v1 import technician_pb2 as technician


class Device(NamedTuple):
    """One device.

    Attributes:
        icon: name in `screens.icons`.
        at: middle of it on the drawing ``cabinet``, px from its top left; None when it is inside.
    """

    icon: str
    at: tuple[int, int] | None = None


#: Size of the drawing ``cabinet``, px.
CABINET = (480, 720)
_INSIDE = (240, 660)

DEVICES = {
    "card_reader": Device("card", (120, 452)),
    "sam": Device("chip", (120, 452)),
    "camera": Device("camera", (240, 42)),
    "face": Device("face", (240, 42)),
    "display": Device("monitor", (240, 220)),
    "touch": Device("tap", (240, 220)),
    "sound": Device("speaker", (240, 396)),
    "receipt_printer": Device("receipt", (356, 452)),
    "card_printer": Device("cards", (240, 514)),
    "card_encoder": Device("chip", (240, 514)),
    "kia_printer": Device("cards", (240, 514)),
    "document_printer": Device("printer", (240, 580)),
    "paper_feeder": Device("tray", (240, 580)),
    "door": Device("door", (408, 640)),
    "ups": Device("battery", _INSIDE),
    "machine": Device("disk", _INSIDE),
    "journal": Device("database", _INSIDE),
    "registry": Device("offline"),
    "clock": Device("clock", _INSIDE),
    "report": Device("file"),
}
_OTHER = Device("wrench", _INSIDE)


def device(name: str) -> Device:
    """How a device looks; one that the screens do not know is somewhere inside."""
    return DEVICES.get(name, _OTHER)


_PREFIX = "TECHNICIAN_TASK_"
_TASK_ICONS = {
    technician.TECHNICIAN_TASK_SELF_TEST_QUICK: "health",
    technician.TECHNICIAN_TASK_SELF_TEST_FULL: "list-checks",
    technician.TECHNICIAN_TASK_SELF_TEST_ENDURANCE: "repeat",
    technician.TECHNICIAN_TASK_LOAD_PAPER: "stack",
    technician.TECHNICIAN_TASK_LOAD_BLANKS: "card",
    technician.TECHNICIAN_TASK_LOAD_KIA_BLANKS: "cards",
    technician.TECHNICIAN_TASK_LOAD_RIBBON: "ribbon",
    technician.TECHNICIAN_TASK_LOAD_RECEIPT_PAPER: "receipt",
    technician.TECHNICIAN_TASK_CLEAR_JAM: "warning",
    technician.TECHNICIAN_TASK_SETTLE: "question",
    technician.TECHNICIAN_TASK_ALIGN: "target",
    technician.TECHNICIAN_TASK_CLEAN: "broom",
    technician.TECHNICIAN_TASK_REPLACE_DEVICE: "swap",
    technician.TECHNICIAN_TASK_TOUCH_TEST: "tap",
    technician.TECHNICIAN_TASK_DISPLAY_TEST: "monitor",
    technician.TECHNICIAN_TASK_REPORTS: "clipboard",
    technician.TECHNICIAN_TASK_EXPORT_LOGS: "usb",
    technician.TECHNICIAN_TASK_RESTART: "again",
    technician.TECHNICIAN_TASK_SHUT_DOWN: "power",
}


def task_name(task: technician.TechnicianTask.ValueType) -> str:
    """The part of word keys that names a task, as ``load_paper``."""
    if task not in _TASK_ICONS:
        return "other"
    return technician.TechnicianTask.Name(task).removeprefix(_PREFIX).lower()


def task_icon(task: technician.TechnicianTask.ValueType) -> str:
    """Icon of a task."""
    return _TASK_ICONS.get(task, "wrench")
