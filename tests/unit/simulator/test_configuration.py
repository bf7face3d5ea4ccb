"""The kiosk's configuration as a demo writes it is read back as it was meant."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.demo import toml
from simulator.demo.display import LANDSCAPE, PORTRAIT, Size, fitted

VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(alphabet=st.characters(exclude_characters=".")), VALUES, max_size=5))
def test_what_is_written_is_read_back(content: dict[str, object]) -> None:
    assert tomllib.loads(toml.dump(content)) == content


def test_tables_paths_and_nothing() -> None:
    text = toml.dump({"a.b": {"path": Path("/x y"), "none": None}, "size": 1, "gone": None})
    assert tomllib.loads(text) == {"size": 1, "a": {"b": {"path": "/x y"}}}


def test_what_toml_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="object"):
        toml.dump({"a": object()})


@pytest.mark.parametrize(
    ("size", "display", "window"),
    [
        (PORTRAIT, Size(1920, 1080), Size(522, 929)),
        (LANDSCAPE, Size(1920, 1080), Size(1651, 929)),
        (PORTRAIT, Size(1440, 900), Size(435, 774)),
        (PORTRAIT, Size(3840, 2400), Size(1080, 1920)),
    ],
)
def test_the_window_keeps_its_shape_and_fits(size: Size, display: Size, window: Size) -> None:
    assert fitted(size, display) == window
