"""`adm run` as a person meets it: what it prints, and that nothing outlives it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
# Central is set up and a machine of Python processes starts, on a computer that does other work too.
START_S = 100.0
END_S = 30.0

pytestmark = [pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Shared by these tests one after the other, so that central is set up once."""
    with tempfile.TemporaryDirectory(prefix="adm-run-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "run"


class Run:
    """One `adm run` in the background; its lines, and every process below it."""

    def __init__(self, directory: Path, *words: str, display: str = "") -> None:
        command = [sys.executable, "-P", "-m", "simulator.demo", "run", "--dir", str(directory)]
        self.directory = directory
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--central-port", str(free_port()), *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}", "DISPLAY": display},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.errors: list[str] = []
        assert self.process.stderr is not None
        self._reader = threading.Thread(target=self.errors.extend, args=(self.process.stderr,))
        self._reader.start()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ended()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def lines(self) -> list[str]:
        """The three lines, once everything runs."""
        assert self.process.stdout is not None
        killer = threading.Timer(START_S, self.process.kill)
        killer.start()
        try:
            return [self.process.stdout.readline() for _ in range(3)]
        finally:
            killer.cancel()
            killer.join()

    def ended(self) -> int:
        """Its exit status, with all it had to say read."""
        status = self.process.wait(END_S)
        self._reader.join(END_S)
        return status

    def below(self) -> list[psutil.Process]:
        """Every process it started, and those started by them."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, module: str) -> psutil.Process:
        """The one Python process of this module."""
        return next(child for child in self.below() if ["-m", module] == child.cmdline()[2:4])


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


def assert_all_gone(processes: list[psutil.Process], directory: Path) -> None:
    _, alive = psutil.wait_procs(processes, timeout=END_S)
    left = [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    # Daemons may have left the tree of processes; they still name the folder they work in.
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE and str(directory) in " ".join(process.info["cmdline"] or ()):
            left.append(process)
    assert left == []


def test_ctrl_c_ends_everything_and_a_second_run_is_refused_meanwhile(directory: Path) -> None:
    with Run(directory) as run:
        lines = run.lines()
        assert [line.split()[0] for line in lines] == ["Open", "Try", "Stop"]
        assert re.search(r"http://127\.0\.0\.1:\d+/", lines[0])
        below = run.below()
        assert {"kiosk", "central", "screens", "simulator"} <= {
            process.cmdline()[3] for process in below if process.cmdline()[2:3] == ["-m"]
        }
        links = [link for process in below for link in process.net_connections("inet")]
        listening = {link.laddr.ip.removeprefix("::ffff:") for link in links if link.status == psutil.CONN_LISTEN}
        assert listening <= {"127.0.0.1", "::1"}
        assert listening

        with Run(directory) as second:
            assert second.ended() == 1
            assert second.errors == [
                f"adm run: A demo is running here already (process {run.process.pid}): "
                f"end it with kill {run.process.pid}.\n"
            ]
        assert run.process.poll() is None

        run.process.send_signal(signal.SIGINT)
        assert run.ended() == 0
        assert_all_gone(below, directory)


def test_even_a_killed_run_leaves_no_process(directory: Path) -> None:
    with Run(directory) as run:
        run.lines()
        below = run.below()
        assert len(below) >= 8
        run.process.kill()
        run.process.wait(END_S)
        assert_all_gone(below, directory)


def test_a_part_that_dies_is_named_with_its_log(directory: Path) -> None:
    with Run(directory) as run:
        run.lines()
        below = run.below()
        run.child("kiosk").kill()
        assert run.ended() == 1
        assert run.errors[-1] == (
            f"adm run: kiosk ended by itself (signal 9); see {directory / 'logs' / 'kiosk.log'}\n"
        )
        assert (directory / "logs" / "kiosk.log").stat().st_size > 0
        assert_all_gone(below, directory)


def test_ctrl_c_during_the_start_ends_it_cleanly(directory: Path) -> None:
    with Run(directory) as run:
        end_s = time.monotonic() + START_S
        while not (below := run.below()) and time.monotonic() < end_s:
            run.process.poll()
        assert below
        run.process.send_signal(signal.SIGINT)
        assert run.ended() == 0
        assert_all_gone(below, directory)


def test_check_starts_everything_with_a_window_that_fits_the_display(directory: Path) -> None:
    with small_display() as display, Run(directory, "--check", "--landscape", display=display) as run:
        assert run.process.wait(START_S) == 0
        assert run.ended() == 0
        assert run.errors[-1] == "adm run: the kiosk shows attract; ending\n"
        assert_all_gone([], directory)
    assert json.loads((directory / "targets.json").read_text())["size"] == [1376, 774]
    assert directory.stat().st_mode & 0o777 == 0o700


@contextlib.contextmanager
def small_display() -> Iterator[str]:
    """A person's display of 1600 x 900."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as numbers:
            yield f":{numbers.readline().strip()}"
        server.terminate()


def test_a_taken_port_is_one_line_that_says_what_to_do(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with Run(directory, "--port", str(port)) as run:
            assert run.ended() == 1
            assert run.errors == [
                f"adm run: Port {port} is in use by another program: end it, or choose another with --port.\n"
            ]
