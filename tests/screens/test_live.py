"""The real application against a daemon's panel over real gRPC: touches, restarts, preview, idleness, systemd."""

import os
import queue
import socket
from pathlib import Path
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from google.protobuf.json_format import MessageToDict

from tests.screens.acts import ACTS
from tests.screens.drive import DEADLINE_S, Pilot, wait_for
from tests.screens.fake_panel import FakePanel
from tests.screens.showing import CASES, next_act, show


def drain(receiver: socket.socket) -> None:
    """Drops what has come so far."""
    receiver.setblocking(False)
    while True:
        try:
            receiver.recv(64)
        except BlockingIOError:
            return


def test_every_button_sends_its_act_with_the_revision_shown(panel: FakePanel, pilot: Pilot) -> None:
    for case, button, act in ACTS:
        revision = show(panel, pilot, case)
        pilot.touch(button)
        assert next_act(panel) == {"revision": str(revision), **act}, (case, button)
    assert panel.acts.empty()


def test_a_pin_is_sent_when_all_its_digits_are_there(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "enter_pin")
    assert "enter" not in pilot.shown()["targets"]
    for digit in "1239":
        pilot.touch(f"digit:{digit}")
    pilot.touch("erase")
    for digit in "456":
        pilot.touch(f"digit:{digit}")
    wait_for("enter", lambda: "enter" in pilot.shown()["targets"])
    pilot.touch("enter")
    assert next_act(panel) == {"revision": str(revision), "enterPin": {"pin": "123456"}}


def test_two_touches_on_one_view_are_one_act(panel: FakePanel, pilot: Pilot) -> None:
    first = show(panel, pilot, "attract")
    pilot.touch("start", times=2)
    assert next_act(panel)["revision"] == str(first)
    second = show(panel, pilot, "place_card")
    pilot.touch("cancel")
    assert next_act(panel)["revision"] == str(second)


def test_a_refused_act_is_not_sent_again_but_can_be_touched_again(panel: FakePanel, pilot: Pilot) -> None:
    revision = show(panel, pilot, "take_paper-1")
    panel.accept = False
    try:
        pilot.touch("done")
        assert next_act(panel)["revision"] == str(revision)

        def again() -> dict[str, Any] | None:
            pilot.touch("done")
            try:
                return MessageToDict(panel.acts.get(timeout=0.2))
            except queue.Empty:
                return None

        assert wait_for("second act", again)["revision"] == str(revision)
    finally:
        panel.accept = True
        while not panel.acts.empty():
            panel.acts.get()
    show(panel, pilot, "receipt-ready")
    pilot.idle(10)
    assert panel.acts.empty()


def test_language_of_the_view_is_shown(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "attract")
    indonesian = pilot.shown()["targets"]["language"]
    view = pb.View()
    view.CopyFrom(CASES["attract"])
    view.language = pb.LANGUAGE_EN
    english = pilot.wait("attract", panel.show(view))["language"]
    assert english[0] < indonesian[0]


def test_text_size_is_the_screens_own_and_goes_back_with_the_resident(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "take_paper-1")
    small = pilot.shown()["targets"]["done"]
    show(panel, pilot, "choose_document")
    plain = pilot.shown()["targets"]["choose:d-kk"]
    pilot.touch("text_size")
    wait_for("larger", lambda: pilot.shown()["targets"]["choose:d-kk"][3] > plain[3])
    show(panel, pilot, "attract")
    show(panel, pilot, "choose_document")
    assert pilot.shown()["targets"]["choose:d-kk"] == plain
    assert small
    assert panel.acts.empty()


def test_zoom_and_pages_of_the_list_stay_here(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "proofread-kk")
    assert "zoom_out" not in pilot.shown()["targets"]
    wait_for("the page", lambda: "zoom_in" in pilot.shown()["targets"])
    pilot.touch("zoom_in")
    wait_for("zoomed", lambda: "zoom_out" in pilot.shown()["targets"])
    show(panel, pilot, "choose_document-many")
    pilot.touch("next_page")
    wait_for("second page", lambda: "previous_page" in pilot.shown()["targets"])
    assert panel.acts.empty()


def test_preview_runs_only_while_the_camera_is_shown(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "attract")
    while not panel.previews.empty():
        panel.previews.get()
    # A width that is no multiple of four, as GL would like it.
    panel.frame = pb.PreviewResponse(width_px=322, height_px=240, rgb=bytes(322 * 240 * 3))
    show(panel, pilot, "face-closer")
    assert panel.previews.get(timeout=DEADLINE_S) == "opened"
    before = pilot.tell(count=True)["frames"]
    wait_for("frames", lambda: pilot.tell(count=True)["frames"] > before + 3)
    show(panel, pilot, "choose_document")
    assert panel.previews.get(timeout=DEADLINE_S) == "closed"
    assert panel.previews.empty()


def test_a_still_screen_draws_nothing_and_a_moving_one_does(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "attract")
    rested = pilot.idle(5)["frames"]
    assert pilot.idle(30)["frames"] == rested
    show(panel, pilot, "still_there")
    moving = pilot.tell(count=True)["frames"]
    wait_for("countdown", lambda: pilot.tell(count=True)["frames"] > moving)


def test_pages_that_were_left_are_forgotten(panel: FakePanel, pilot: Pilot) -> None:
    for case in ("face-closer", "proofread-kk", "trouble-no_network", "choose_document", "enter_pin", "attract"):
        show(panel, pilot, case)
    wait_for("one page", lambda: pilot.tell(count=True)["pages"] == 1)


def test_daemon_away_is_said_and_the_newest_view_comes_back(panel: FakePanel, pilot: Pilot) -> None:
    show(panel, pilot, "choose_document")
    panel.stop()
    alone = pilot.wait("out_of_service", 0)
    assert set(alone) == {"language", "text_size"}
    pilot.touch("language")
    wait_for("English", lambda: pilot.shown()["targets"].get("language", alone["language"]) != alone["language"])
    panel.start()
    pilot.wait("choose_document")


def test_screens_that_crash_draw_the_current_view_when_they_are_back(folder: Path, panel: FakePanel) -> None:
    own = folder / "second"
    own.mkdir()
    revision = panel.show(CASES["take_paper-2"])
    with Pilot(panel.target, own) as first:
        first.wait("take_paper", revision)
    with Pilot(panel.target, own) as second:
        assert "done" in second.wait("take_paper", revision)


def test_systemd_hears_ready_and_a_watchdog_that_stops_with_the_loop(folder: Path, panel: FakePanel) -> None:
    own = folder / "notify"
    own.mkdir()
    os.mkfifo(own / "go")
    panel.show(CASES["attract"])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(own / "notify.sock"))
        manager.settimeout(DEADLINE_S)
        with Pilot(panel.target, own, NOTIFY_SOCKET=str(own / "notify.sock"), WATCHDOG_USEC="200000") as pilot:
            heard: set[bytes] = set()
            while heard != {b"READY=1", b"WATCHDOG=1"}:
                heard.add(manager.recv(64))
            pilot.wait("attract")
            assert pilot.tell(hang=str(own / "go")) == {"hanging": True}
            drain(manager)
            manager.settimeout(1.0)
            with pytest.raises(TimeoutError):
                manager.recv(64)
            (own / "go").write_bytes(b"")
            manager.settimeout(DEADLINE_S)
            assert manager.recv(64) == b"WATCHDOG=1"
