"""The table of tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import technician_pb2 as tech

from kiosk.technician.aligning import align
from kiosk.technician.export import export_logs
from kiosk.technician.jams import clear_jam
from kiosk.technician.loading import load
from kiosk.technician.power import power
from kiosk.technician.reports import reports
from kiosk.technician.screen_tests import display_test, touch_test
from kiosk.technician.settling import settle
from kiosk.technician.testing import self_test
from kiosk.technician.upkeep import clean, load_roll, replace_device

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

Task = Callable[["TechnicianSession", tech.TechnicianTask.ValueType], Awaitable[None]]
TASKS: Final[Mapping[tech.TechnicianTask.ValueType, Task]] = {
    tech.TECHNICIAN_TASK_SELF_TEST_QUICK: self_test,
    tech.TECHNICIAN_TASK_SELF_TEST_FULL: self_test,
    tech.TECHNICIAN_TASK_SELF_TEST_ENDURANCE: self_test,
    tech.TECHNICIAN_TASK_LOAD_PAPER: load,
    tech.TECHNICIAN_TASK_LOAD_BLANKS: load,
    tech.TECHNICIAN_TASK_LOAD_KIA_BLANKS: load,
    tech.TECHNICIAN_TASK_LOAD_RIBBON: load,
    tech.TECHNICIAN_TASK_LOAD_RECEIPT_PAPER: load_roll,
    tech.TECHNICIAN_TASK_CLEAR_JAM: clear_jam,
    tech.TECHNICIAN_TASK_SETTLE: settle,
    tech.TECHNICIAN_TASK_ALIGN: align,
    tech.TECHNICIAN_TASK_CLEAN: clean,
    tech.TECHNICIAN_TASK_REPLACE_DEVICE: replace_device,
    tech.TECHNICIAN_TASK_TOUCH_TEST: touch_test,
    tech.TECHNICIAN_TASK_DISPLAY_TEST: display_test,
    tech.TECHNICIAN_TASK_REPORTS: reports,
    tech.TECHNICIAN_TASK_EXPORT_LOGS: export_logs,
    tech.TECHNICIAN_TASK_RESTART: power,
    tech.TECHNICIAN_TASK_SHUT_DOWN: power,
}
