"""A call that hangs is left behind; nothing waits for it."""

import threading

import pytest

from drivers.card_reader.worker import Abandoned, Hung, Worker
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded

LONG = 30.0


@pytest.fixture
def release() -> threading.Event:
    return threading.Event()


def hang(worker: Worker, release: threading.Event) -> str:
    with worker.device_call():
        release.wait(LONG)
    return "came back"


def test_a_job_gives_its_result_or_its_error() -> None:
    worker = Worker("w", 1)
    assert worker.do(lambda: 42, Deadline.after(LONG)) == 42
    with pytest.raises(ZeroDivisionError):
        worker.do(lambda: 1 // 0, Deadline.after(LONG))
    worker.stop(Deadline.after(LONG))
    assert worker.ended


def test_a_device_call_over_its_limit_is_hung_long_before_the_deadline(release: threading.Event) -> None:
    worker = Worker("w", 0.05)
    deadline = Deadline.after(LONG)
    with pytest.raises(Hung):
        worker.do(lambda: hang(worker, release), deadline)
    assert not deadline.expired
    assert worker.busy
    release.set()
    worker.stop(Deadline.after(LONG))
    assert worker.ended


def test_the_deadline_ends_the_wait_and_the_job_ends_at_its_next_call(release: threading.Event) -> None:
    worker = Worker("w", LONG)
    ended: list[type[BaseException]] = []

    def job() -> None:
        hang(worker, release)
        try:
            hang(worker, release)
        except Abandoned as error:
            ended.append(type(error))
            raise

    with pytest.raises(DeadlineExceeded):
        worker.do(job, Deadline.after(0.05))
    release.set()
    assert worker.do(lambda: list(ended), Deadline.after(LONG)) == [Abandoned]
    worker.stop(Deadline.after(LONG))


def test_the_next_job_waits_for_an_abandoned_one_no_longer_than_its_deadline(release: threading.Event) -> None:
    worker = Worker("w", LONG)
    with pytest.raises(DeadlineExceeded):
        worker.do(lambda: hang(worker, release), Deadline.after(0.05))
    with pytest.raises(DeadlineExceeded):
        worker.do(lambda: 1, Deadline.after(0.05))
    release.set()
    assert worker.do(lambda: 1, Deadline.after(LONG)) == 1
    worker.stop(Deadline.after(LONG))


def test_what_a_hung_worker_held_is_let_go_when_it_comes_back(release: threading.Event) -> None:
    worker, let_go = Worker("w", 0.05), threading.Event()
    worker.at_end(let_go.set)
    with pytest.raises(Hung):
        worker.do(lambda: hang(worker, release), Deadline.after(LONG))
    worker.stop(Deadline.after(0))
    assert not let_go.is_set()
    release.set()
    assert let_go.wait(LONG)
