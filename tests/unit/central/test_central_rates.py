"""How often one may ask: a burst, then as time goes by."""

from central import rates
from central.rates import Rate


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_burst_is_granted_then_one_at_a_time() -> None:
    clock = Clock()
    rate = Rate(6, clock)
    assert [rate.take("a") for _ in range(6)] == [0.0] * 6
    assert rate.take("a") == 10.0
    clock.now_s += 4
    assert round(rate.take("a"), 6) == 6.0
    clock.now_s += 6.001
    assert rate.take("a") == 0.0
    assert rate.take("a") > 9


def test_callers_have_buckets_of_their_own() -> None:
    rate = Rate(1, Clock())
    assert (rate.take("a"), rate.take("b")) == (0.0, 0.0)
    assert rate.take("a") > 0
    assert rate.take("b") > 0


def test_a_bucket_is_never_more_than_full() -> None:
    clock = Clock()
    rate = Rate(2, clock)
    rate.take("a")
    clock.now_s += 10_000
    assert [rate.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_many_callers_are_forgotten_once_their_buckets_are_full() -> None:
    clock = Clock()
    rate = Rate(1, clock)
    for number in range(rates._MANY):
        rate.take(str(number))
    clock.now_s += 61
    rate.take("one more")
    assert len(rate._left) == 1
    assert rate.take("one more") > 0
