"""A journey's time is split without gaps: what is neither a person's nor a machine part's is software's."""

import time

import pytest

from simulator.demo.tour.timeline import Timeline


def test_steps_follow_each_other_without_gaps() -> None:
    timeline = Timeline()
    timeline.begin("attract", 100.0)
    timeline.begin("place_card", 102.5)
    timeline.begin("reading", 103.0)
    timeline.end(104.0)
    assert [(step.name, step.start_s, step.total_s) for step in timeline.steps] == [
        ("attract", 0.0, 2.5),
        ("place_card", 2.5, 0.5),
        ("reading", 3.0, 1.0),
    ]


def test_the_same_screen_again_is_no_new_step() -> None:
    timeline = Timeline()
    timeline.begin("printing", 10.0)
    timeline.begin("printing", 11.0)
    timeline.end(12.0)
    assert [(step.name, step.total_s) for step in timeline.steps] == [("printing", 2.0)]


def test_software_is_what_neither_person_nor_device_took() -> None:
    timeline = Timeline()
    timeline.begin("reading", 10.0)
    timeline.device(0.25)
    timeline.end(11.0)
    (step,) = timeline.steps
    assert (step.software_s, step.device_s, step.human_s) == (0.75, 0.25, 0.0)


def test_a_persons_time_counts_for_the_step_and_between_moments() -> None:
    timeline = Timeline()
    began = time.monotonic()
    timeline.begin("attract", began)
    with timeline.human():
        while time.monotonic() == began:
            pass
    ended = time.monotonic()
    timeline.end(ended)
    (step,) = timeline.steps
    assert 0 < step.human_s <= ended - began
    assert timeline.human_between(began, ended) == pytest.approx(step.human_s)
    assert timeline.human_between(began - 10, began) == 0
    assert timeline.human_between(ended, ended + 10) == 0
