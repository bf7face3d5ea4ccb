"""Technician's pages on the real application: PIN, counts, touch map, display, timed frames; and the keyboard."""

from adm.panel.v1 import panel_pb2 as pb

from tests.screens.drive import DEADLINE_S, Pilot, wait_for
from tests.screens.fake_panel import FakePanel
from tests.screens.showing import CASES, next_act, show

TAB, ENTER, ERASE, DOWN, UP = 9, 13, 8, 274, 273


def digits(number: str) -> list[int]:
    """Key codes of a number."""
    return [48 + int(digit) for digit in number]


def test_a_service_pin_has_six_to_eight_digits(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "technician_pin")
    for digit in "12345":
        pilot.touch(f"digit:{digit}")
    pilot.idle(2)
    assert "enter" not in pilot.shown()["targets"]
    for digit in "6789":
        pilot.touch(f"digit:{digit}")
    wait_for("enter", lambda: "enter" in pilot.shown()["targets"])
    pilot.touch("enter")
    assert next_act(panel) == {"revision": str(revision), "enterServicePin": {"pin": "12345678"}}


def test_a_locked_card_takes_no_digits(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "technician_pin-locked")
    pilot.tell(keys=digits("123456"))
    pilot.idle(5)
    assert "enter" not in pilot.shown()["targets"]


def test_a_count_of_nothing_is_a_count(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "load_stock-before")
    pilot.tell(keys=digits("0"))
    wait_for("enter", lambda: "enter" in pilot.shown()["targets"])
    pilot.touch("enter")
    assert next_act(panel) == {"revision": str(revision), "enterCount": {}}


def test_a_count_goes_on_to_the_batch_and_both_are_sent(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "load_stock-loaded")
    pilot.tell(keys=[*digits("1005"), ERASE])
    wait_for("enter", lambda: "enter" in pilot.shown()["targets"])
    pilot.touch("enter")
    pilot.tell(keys=digits("20261107"))
    pilot.touch("enter")
    assert next_act(panel) == {"revision": str(revision), "enterCount": {"count": 100, "batch": "20261107"}}
    assert panel.acts.empty()


def test_cells_without_a_touch_are_dead(panel: FakePanel, pilot: Pilot) -> None:
    screen = CASES["touch_test"].touch_test
    revision = show(panel, pilot, "touch_test")
    width, height = pilot.shown()["size"]
    wide, high = width / screen.columns, height / screen.rows
    for row in range(1, screen.rows):
        pilot.tell(swipe=[[(column + 0.5) * wide, (row + 0.5) * high] for column in range(screen.columns)])
    assert panel.acts.empty()
    pilot.touch("finish")
    assert next_act(panel) == {"revision": str(revision), "touchMap": {"dead": list(range(screen.columns))}}


def test_a_screen_touched_all_over_says_so_by_itself(panel: FakePanel, pilot: Pilot) -> None:
    screen = CASES["touch_test"].touch_test
    show(panel, pilot, "attract")
    revision = show(panel, pilot, "touch_test")
    width, height = pilot.shown()["size"]
    wide, high = width / screen.columns, height / screen.rows
    for row in range(screen.rows):
        pilot.tell(swipe=[[(column + 0.5) * wide, (row + 0.5) * high] for column in range(screen.columns)])
    assert next_act(panel) == {"revision": str(revision), "touchMap": {}}


def test_the_display_is_judged_after_all_patterns(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "display_test")
    assert "confirm" not in pilot.shown()["targets"]
    pilot.touch("show")

    def go_on() -> bool:
        pilot.tell(touch=[40, 1000])
        pilot.idle(2)
        return "confirm" in pilot.shown()["targets"]

    wait_for("all patterns", go_on)
    pilot.touch("confirm")
    assert next_act(panel) == {"revision": str(revision), "confirm": {}}


def test_frames_that_are_timed_are_told_once_each_when_they_are_drawn(panel: FakePanel, pilot: Pilot) -> None:
    panel.frame = pb.PreviewResponse(width_px=320, height_px=240, rgb=bytes(320 * 240 * 3), number=7)
    show(panel, pilot, "self_test-watch_preview")
    assert next_act(panel)["frameShown"] == {"number": "7"}
    panel.frame.number = 8
    assert next_act(panel)["frameShown"] == {"number": "8"}
    show(panel, pilot, "attract")
    pilot.idle(5)
    assert panel.acts.empty()
    while not panel.previews.empty():
        panel.previews.get(timeout=DEADLINE_S)


def test_every_button_can_be_reached_by_keys(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "still_there")
    pilot.tell(keys=[UP, ENTER])
    assert next_act(panel) == {"revision": str(revision), "cancel": {}}
    for steps, act in ((2, {"setLanguage": {"language": "LANGUAGE_EN"}}), (3, {"retry": {}}), (4, {"done": {}})):
        show(panel, pilot, "still_there")
        revision = show(panel, pilot, "trouble-no_network")
        pilot.tell(keys=[DOWN] * steps + [ENTER])
        assert next_act(panel) == {"revision": str(revision), **act}
    show(panel, pilot, "choose_document")
    small = pilot.shown()["targets"]
    pilot.tell(keys=[TAB, ENTER])
    wait_for("larger text", lambda: pilot.shown()["targets"] != small)
    show(panel, pilot, "attract")


def test_a_ring_shows_where_the_keys_are_and_goes_with_a_touch(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "goodbye")
    frames = pilot.idle(3)["frames"]
    pilot.tell(keys=[TAB])
    wait_for("ring", lambda: pilot.idle(1)["frames"] > frames)
    pilot.tell(touch=[5, 1900])
    pilot.tell(keys=[ENTER])
    pilot.idle(3)
    assert panel.acts.empty()
