"""Views of technician's mode, with an invented technician."""

from collections.abc import Iterator
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as t
from adm.registry.v1 import registry_pb2 as registry

NUMBER = "7K2M-94QD"
WHO = "Rudi Hartono"
#: Device, title, figures; how they stand is the case's.
CHECKS = (
    ("card_reader", "Pembaca kartu terhubung", "12 ms"),
    ("sam", "SAM menjawab", "41 ms"),
    ("camera", "Gambar kamera", "29,8/s"),
    ("camera", "Ketajaman kamera", "412"),
    ("face", "Pengenalan wajah", "38 ms"),
    ("receipt_printer", "Printer struk", "kertas cukup"),
    ("document_printer", "Printer dokumen", "paper:out"),
    ("paper_feeder", "Jalur kertas", "3 sensor"),
    ("card_printer", "Printer kartu", "pita 62 %"),
    ("card_encoder", "Penulis cip", "88 ms"),
    ("display", "Tampilan", "1080 x 1920"),
    ("sound", "Suara", "tidak ada mikrofon"),
    ("registry", "Server Dukcapil", "23 ms"),
    ("registry", "Sertifikat mesin", "311 hari"),
    ("clock", "Jam", "0,02 s"),
    ("journal", "Jurnal", "utuh"),
    ("machine", "Ruang disk", "71 %"),
    ("machine", "Suhu", "47 °C"),
)
_TASKS = {
    t.TECHNICIAN_TASK_CLEAR_JAM: (True, True, "printer dokumen"),
    t.TECHNICIAN_TASK_SETTLE: (True, True, "1 cetakan"),
    t.TECHNICIAN_TASK_LOAD_PAPER: (True, True, "12 lembar"),
    t.TECHNICIAN_TASK_LOAD_BLANKS: (False, True, "84 kartu"),
    t.TECHNICIAN_TASK_LOAD_KIA_BLANKS: (False, False, "tidak terpasang"),
}


def _case(name: str, timeout_s: int = 0, **screen: Any) -> tuple[str, pb.View]:
    return name, pb.View(timeout_s=timeout_s, **screen)


def _checks(until: int | None = None, bad: bool = False) -> list[t.CheckLine]:
    lines = []
    for number, (device, title, detail) in enumerate(CHECKS):
        outcome = t.CHECK_OUTCOME_PASS
        if device == "sound":
            outcome = t.CHECK_OUTCOME_SKIPPED
        elif device == "document_printer" and bad:
            outcome = t.CHECK_OUTCOME_FAIL
        elif device == "sam" and bad:
            outcome, detail = t.CHECK_OUTCOME_TIMEOUT, "10 s"
        if until is not None and number >= until:
            outcome, detail = (t.CHECK_OUTCOME_RUNNING if number == until else t.CHECK_OUTCOME_WAITING), ""
        lines.append(t.CheckLine(id=f"{device}.{number}", device=device, title=title, outcome=outcome, detail=detail))
    return lines


def _pins() -> Iterator[tuple[str, pb.View]]:
    pin: dict[str, Any] = {"holder": WHO, "min_length": 6, "max_length": 8, "purpose": t.TECHNICIAN_PIN_PURPOSE_ENTER}
    yield _case("technician_pin", 60, technician_pin=t.TechnicianPinScreen(**pin))
    wrong = t.TechnicianPinScreen(wrong=True, attempts_left=2, **pin)
    yield _case("technician_pin-wrong", 60, technician_pin=wrong)
    yield _case("technician_pin-locked", 60, technician_pin=t.TechnicianPinScreen(locked_minutes=15, **pin))
    second = t.TechnicianPinScreen(purpose=t.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON, min_length=6, max_length=8)
    second.holder = "Dewi Lestari"
    yield _case("technician_pin-second", 60, technician_pin=second)
    waiting = t.TechnicianPinScreen(purpose=t.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON, waiting_for_card=True)
    yield _case("technician_pin-waiting", 60, technician_pin=waiting)
    old_card = t.TechnicianPinScreen(**{**pin, "purpose": t.TECHNICIAN_PIN_PURPOSE_OLD_CARD})
    yield _case("technician_pin-old_card", 60, technician_pin=old_card)
    first = t.TechnicianPinScreen(purpose=t.TECHNICIAN_PIN_PURPOSE_ENTER, waiting_for_card=True)
    yield _case("technician_pin-card", 60, technician_pin=first)


def _menus() -> Iterator[tuple[str, pb.View]]:
    tasks = []
    for task in t.TechnicianTask.values():
        if task:
            needed, enabled, detail = _TASKS.get(task, (False, True, ""))
            tasks.append(t.TaskChoice(task=task, needs_doing=needed, enabled=enabled, detail=detail))
    everything = t.TechnicianMenuScreen(holder=WHO, role=t.TECHNICIAN_ROLE_TECHNICIAN, tasks=tasks)
    everything.summary = "Kertas macet di printer dokumen. Satu cetakan belum pasti."
    yield _case("technician_menu", 300, technician_menu=everything)
    few = [t.TaskChoice(task=task.task, enabled=True) for task in tasks if 4 <= task.task <= 9]
    attendant = t.TechnicianMenuScreen(holder="Dewi Lestari", role=t.TECHNICIAN_ROLE_ATTENDANT, tasks=few)
    yield _case("technician_menu-attendant", 300, technician_menu=attendant)
    auditor = t.TechnicianMenuScreen(holder="Agus Salim", role=t.TECHNICIAN_ROLE_AUDITOR, tasks=[tasks[0], tasks[15]])
    yield _case("technician_menu-auditor", 300, technician_menu=auditor)


def _self_tests() -> Iterator[tuple[str, pb.View]]:
    quick: dict[str, Any] = {"level": t.TECHNICIAN_TASK_SELF_TEST_QUICK}
    running = t.SelfTestScreen(checks=_checks(8, bad=True), progress=0.44, **quick)
    yield _case("self_test", self_test=running)
    yield _case("self_test-ending", self_test=t.SelfTestScreen(checks=_checks(16), progress=0.9, ending=True, **quick))
    for step in t.OperatorStep.values():
        if step:
            name = t.OperatorStep.Name(step).removeprefix("OPERATOR_STEP_").lower()
            asking = t.SelfTestScreen(checks=_checks(8), progress=0.4, step=step, seconds_left=60)
            yield _case(f"self_test-{name}", self_test=asking)
    result: dict[str, Any] = {"report_number": "UT-2026-0417", "level": t.TECHNICIAN_TASK_SELF_TEST_FULL, "kept": True}
    passed = t.SelfTestResultScreen(passed=True, checks=_checks(), passed_count=17, skipped_count=1, **result)
    to_do = [
        t.ToDo(
            device="document_printer",
            title="Printer dokumen",
            advice="Isi kertas A4 di baki bawah sampai garis, lalu tutup bakinya.",
            action=t.ADVICE_ACTION_MAINTENANCE,
            reason="paper:out",
        ),
        t.ToDo(
            device="sam",
            title="SAM menjawab",
            advice="Layanan pembaca kartu tidak menjawab: jalankan ulang.",
            action=t.ADVICE_ACTION_RESET,
            reason="timeout",
        ),
        t.ToDo(
            device="registry",
            title="Sertifikat mesin",
            advice="Sertifikat berakhir dalam tujuh hari: minta yang baru dari Dinas.",
            action=t.ADVICE_ACTION_CONFIGURATION,
            reason="expires:7d",
        ),
    ]
    to_do += [
        t.ToDo(device=device, title=title, advice="Minta bantuan Dinas.", action=action)
        for device, title, action in (
            ("paper_feeder", "Jalur kertas", t.ADVICE_ACTION_CLEAR),
            ("machine", "Ruang disk", t.ADVICE_ACTION_SOFTWARE_ERROR),
            ("door", "Pintu", t.ADVICE_ACTION_SUSPEND),
        )
    ]
    failed = t.SelfTestResultScreen(
        checks=_checks(bad=True), to_do=to_do, passed_count=14, failed_count=3, skipped_count=1, **result
    )
    failed.kept = False
    for screen in (passed, failed):
        screen.at.FromJsonString("2026-11-23T05:00:00Z")
    yield _case("self_test_result-passed", 300, self_test_result=passed)
    yield _case("self_test_result-failed", 300, self_test_result=failed)
    earlier = t.SelfTestResultScreen()
    earlier.CopyFrom(passed)
    earlier.earlier = True
    yield _case("self_test_result-earlier", 300, self_test_result=earlier)


def _stocks() -> Iterator[tuple[str, pb.View]]:
    blanks: dict[str, Any] = {"task": t.TECHNICIAN_TASK_LOAD_BLANKS, "two_persons": True, "capacity": 200}
    paper: dict[str, Any] = {"task": t.TECHNICIAN_TASK_LOAD_PAPER, "capacity": 250}
    for counting in (t.LOAD_STOCK_COUNT_BEFORE, t.LOAD_STOCK_COUNT_LOADED, t.LOAD_STOCK_COUNT_AFTER):
        name = t.LoadStockCount.Name(counting).removeprefix("LOAD_STOCK_COUNT_").lower()
        screen = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_COUNT, counting=counting, **blanks)
        screen.wants_batch = counting == t.LOAD_STOCK_COUNT_LOADED
        yield _case(f"load_stock-{name}", 120, load_stock=screen)
    wrong = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_COUNT, wrong=True, task=t.TECHNICIAN_TASK_LOAD_RECEIPT_PAPER)
    yield _case("load_stock-wrong", 120, load_stock=wrong)
    refused = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_COUNT, wrong=True, refused="Muat 250 lembar.", **paper)
    yield _case("load_stock-refused", 120, load_stock=refused)
    counted: dict[str, Any] = {"remaining": 84, "entered": 100, "after": 184, "batch": "20261107"}
    confirm = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_CONFIRM, **blanks, **counted)
    yield _case("load_stock-confirm", 120, load_stock=confirm)
    never = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_CONFIRM, entered=240, after=240, **paper)
    yield _case("load_stock-never", 120, load_stock=never)
    recorded = t.LoadStockScreen(step=t.LOAD_STOCK_STEP_RECORDED, second_person="Dewi Lestari", **blanks, **counted)
    yield _case("load_stock-recorded", 60, load_stock=recorded)


def _jams() -> Iterator[tuple[str, pb.View]]:
    words = (
        "Sentuh Coba Sendiri: mesin menarik lembar ke tempat buangan.",
        "Buka pintu pengumpan kertas.",
        "Tarik kertas yang tersangkut keluar, searah jalannya kertas.",
        "Tutup pintu pengumpan.",
        "Kosongkan tempat buangan; hancurkan yang ada di situ.",
    )
    sensors = (
        ("Tenggorokan (S3)", t.SENSOR_STATE_CLEAR),
        ("Masuk printer (S4)", t.SENSOR_STATE_UNKNOWN),
        ("Keluar printer (S5)", t.SENSOR_STATE_BLOCKED),
        ("Jalur angkut (S6)", t.SENSOR_STATE_CLEAR),
        ("Pintu", t.SENSOR_STATE_OPEN),
        ("Penutup", t.SENSOR_STATE_CLOSED),
    )
    for name, clear, working in (("steps", False, False), ("working", False, True), ("clear", True, False)):
        steps = [
            t.JamStep(words=text, done=clear or number < 1, now=not clear and number == 1)
            for number, text in enumerate(words)
        ]
        seen = [t.JamSensor(title=title, state=t.SENSOR_STATE_CLEAR if clear else state) for title, state in sensors]
        screen = t.ClearJamScreen(
            device="paper_feeder", steps=steps, sensors=seen, clear=clear, working=working, can_try=True
        )
        yield _case(f"clear_jam-{name}", 300, clear_jam=screen)
    alone = t.JamSensor(title="Jalur kertas", state=t.SENSOR_STATE_BLOCKED)
    by_hand = t.ClearJamScreen(device="document_printer", steps=[t.JamStep(words=words[2], now=True)], sensors=[alone])
    yield _case("clear_jam-by_hand", 300, clear_jam=by_hand)


def _settlements() -> Iterator[tuple[str, pb.View]]:
    for step in t.SettleStep.values():
        if step:
            screen = t.SettleScreen(step=step, receipt_number=NUMBER, kind=registry.DOCUMENT_KIND_KK, remaining=2)
            screen.at.FromJsonString("2026-11-23T03:41:00Z")
            screen.what_is_known = "Listrik padam saat lembar sedang dicetak. Printer tidak tahu apakah lembar keluar."
            if step != t.SETTLE_STEP_QUESTION:
                screen.finding, screen.note = t.FINDING_DESTROYED, t.SETTLE_NOTE_FOUND_INSIDE
            yield _case(f"settle-{t.SettleStep.Name(step).removeprefix('SETTLE_STEP_').lower()}", 300, settle=screen)


def _picks() -> Iterator[tuple[str, pb.View]]:
    devices = (
        ("card_reader", "Pembaca kartu", "ACS ACR1252", False),
        ("receipt_printer", "Printer struk", "nomor seri lain: 00517", True),
        ("document_printer", "Printer dokumen", "", False),
        ("card_printer", "Printer kartu KTP-el", "Evolis Primacy 2", False),
    )
    lines = [
        t.PickLine(id=icon, icon=icon, title=title, detail=detail, marked=marked)
        for icon, title, detail, marked in devices
    ]
    replace = t.PickScreen(task=t.TECHNICIAN_TASK_REPLACE_DEVICE, lines=lines)
    yield _case("pick-devices", 120, pick=replace)
    reports = [
        t.PickLine(id=f"r{day}", icon="report", title=f"{day}-11-2026 02:00", detail="18 baik", marked=day == 21)
        for day in range(23, 8, -1)
    ]
    yield _case("pick-reports", 120, pick=t.PickScreen(task=t.TECHNICIAN_TASK_REPORTS, lines=reports))
    yield _case("pick-none", 120, pick=t.PickScreen())


def _tasks() -> Iterator[tuple[str, pb.View]]:
    facts = [t.TaskFact(title="Nomor seri lama", value="00412"), t.TaskFact(title="Nomor seri baru", value="00517")]
    replace = t.TaskScreen(
        task=t.TECHNICIAN_TASK_REPLACE_DEVICE, state=t.TASK_STATE_ASK, device="receipt_printer", facts=facts
    )
    replace.words = "Mesin akan menerima printer struk ini sebagai pengganti."
    yield _case("task-ask", 120, task=replace)
    by_hand = t.TaskScreen(task=t.TECHNICIAN_TASK_CLEAN, state=t.TASK_STATE_BY_HAND, device="camera")
    by_hand.words = "Lap lensa kamera dengan kain mikrofiber kering."
    yield _case("task-by_hand", 120, task=by_hand)
    judge = t.TaskScreen(task=t.TECHNICIAN_TASK_ALIGN, state=t.TASK_STATE_JUDGE, device="document_printer")
    judge.words = "Ukur: apakah keempat tanda silang 10 mm dari tepi (±2 mm)?"
    yield _case("task-judge", 120, task=judge)
    words = {
        t.TASK_STATE_WORKING: "Log sedang dienkripsi untuk Dinas dan disalin.",
        t.TASK_STATE_DONE: "Log tersimpan di USB: adm-mpp-01-20261123.age. USB boleh dicabut.",
        t.TASK_STATE_FAILED: "USB penuh: perlu 48 MB, tersisa 3 MB.",
    }
    for state, text in words.items():
        name = t.TaskState.Name(state).removeprefix("TASK_STATE_").lower()
        screen = t.TaskScreen(task=t.TECHNICIAN_TASK_EXPORT_LOGS, state=state, words=text)
        yield _case(f"task-{name}", 120, task=screen)


def cases() -> Iterator[tuple[str, pb.View]]:
    """Name and View of every case; a name begins with its screen's."""
    yield from _pins()
    yield from _menus()
    yield from _self_tests()
    yield from _stocks()
    yield from _jams()
    yield from _settlements()
    yield _case("touch_test", touch_test=t.TouchTestScreen(columns=6, rows=8, seconds_left=60))
    yield _case("display_test", 120, display_test=t.DisplayTestScreen())
    yield from _picks()
    yield from _tasks()
