"""Rules without a window: contrast, countdown, notification, command line."""

import os
import socket
from pathlib import Path

import pytest

from screens import theme
from screens.__main__ import main
from screens.countdown import shown
from screens.notify import Notifier
from screens.theme import Colour

#: Every text colour on every ground it is drawn on.
TEXT_ON_GROUND = [
    (ink, ground)
    for ink, grounds in {
        theme.INK: (theme.WHITE, theme.PAPER),
        theme.INK_SOFT: (theme.WHITE, theme.PAPER, theme.MUTED, theme.BRAND_TINT),
        theme.BRAND: (theme.WHITE, theme.PAPER, theme.BRAND_TINT),
        theme.BRAND_DEEP: (
            theme.WHITE,
            theme.PAPER,
            theme.BRAND_TINT,
            theme.HEED_TINT,
            theme.GOOD_TINT,
            theme.BAD_TINT,
        ),
        theme.WHITE: (theme.BRAND, theme.BRAND_DOWN, theme.BRAND_DEEP, theme.GOOD, theme.HEED, theme.BAD),
        theme.GOOD: (theme.WHITE, theme.GOOD_TINT),
        theme.HEED: (theme.WHITE, theme.HEED_TINT),
        theme.BAD: (theme.WHITE, theme.BAD_TINT),
    }.items()
    for ground in grounds
]


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.1)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast(theme.rgba("#000000"), theme.WHITE) == pytest.approx(21)
    assert contrast(theme.rgba("#777777"), theme.WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground(ink: Colour, ground: Colour) -> None:
    assert contrast(ink, ground) >= 4.5


def test_edges_of_buttons_stand_out() -> None:
    assert contrast(theme.LINE_STRONG, theme.WHITE) >= 3


@pytest.mark.parametrize(
    ("seconds", "unit", "number", "lasts"),
    [
        (120, "minutes", 2, 60),
        (90, "minutes", 2, 30),
        (61, "minutes", 2, 1),
        (60, "seconds", 60, 10),
        (45, "seconds", 50, 5),
        (21, "seconds", 30, 1),
        (20, "seconds", 20, 1),
        (0.5, "seconds", 1, 0.5),
        (0, "seconds", 0, 0),
    ],
)
def test_time_left_changes_no_more_often_than_a_person_needs(
    seconds: float, unit: str, number: int, lasts: float
) -> None:
    assert shown(seconds)[:2] == (unit, number)
    assert shown(seconds)[2] == pytest.approx(lasts)


def test_notifier_speaks_to_the_socket_it_is_given(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(5)
        notifier = Notifier({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"})
        notifier.send("READY=1")
        assert manager.recv(64) == b"READY=1"
        assert notifier.watchdog_s == 15


def test_notifier_is_silent_without_a_manager(tmp_path: Path) -> None:
    assert Notifier({}).watchdog_s is None
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).send("READY=1")


def test_watchdog_of_another_process_is_not_ours() -> None:
    environ = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    assert Notifier(environ).watchdog_s is None


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--socket", "unix:/x", "--size", "big"])
    assert "1080x1920" in capsys.readouterr().err
