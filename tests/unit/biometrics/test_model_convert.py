"""dlib's file format to ONNX: the same network, the same bytes every time, and rubbish refused."""

import math
import struct

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.convert import GROUPS, MEAN_RGB, dlib_to_onnx
from biometrics.errors import ModelError

Floats = NDArray[np.float64]


class Network:
    """A small-weight network of the right shape: as dlib's file, and computed by hand."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(3)
        self.content = b"\x01\x04dlib's own header"
        self.layers: list[tuple[Floats, Floats, Floats, Floats]] = []
        channels = 3
        shapes = [(32, 3, 7)]
        channels = 32
        for outputs, _, blocks in GROUPS:
            for _ in range(blocks):
                shapes += [(outputs, channels, 3), (outputs, outputs, 3)]
                channels = outputs
        for outputs, inputs, kernel in shapes:
            spread = 1.0 / math.sqrt(inputs * kernel * kernel)
            self.layers.append(
                (
                    self._values((outputs, inputs, kernel, kernel), spread),
                    self._values((outputs,), 0.1),
                    1.0 + self._values((outputs,), 0.1),
                    self._values((outputs,), 0.1),
                )
            )
            filters, bias, gain, offset = self.layers[-1]
            self._write(np.concatenate((filters.ravel(), bias)), len(filters.ravel()) + outputs, 1, 1, 1)
            self._write(np.concatenate((gain, offset)), 2 * outputs, 1, 1, 1)
        self.projection = self._values((256, 128), 0.1)
        self._write(self.projection.ravel(), 256, 128, 1, 1)

    def _values(self, shape: tuple[int, ...], spread: float) -> Floats:
        return self.random.normal(0.0, spread, shape).astype(np.float32).astype(np.float64)

    def _write(self, values: Floats, *dimensions: int) -> None:
        self.content += b"\x01\x02"
        for n in dimensions:
            size = (n.bit_length() + 7) // 8
            self.content += struct.pack("B", size) + n.to_bytes(size, "little")
        self.content += values.astype("<f4").tobytes()

    def describe(self, rgb: Floats) -> Floats:
        """The network as dlib's `anet_type` defines it, in plain numpy."""
        x = (rgb - np.array(MEAN_RGB)[:, None, None]) / 256.0
        x = pooled(np.maximum(self._convolved(x, 0, 2, 0), 0), 3, np.max)
        at = 1
        for outputs, halves, blocks in GROUPS:
            for block in range(blocks):
                shrink = halves and block == 0
                y = np.maximum(self._convolved(x, at, 2 if shrink else 1, 0 if shrink else 1), 0)
                y = self._convolved(y, at + 1, 1, 1)
                shortcut = pooled(x, 2, np.mean) if shrink else x
                whole = np.zeros((outputs, *np.maximum(y.shape[1:], shortcut.shape[1:])))
                whole[:, : y.shape[1], : y.shape[2]] += y
                whole[: len(shortcut), : shortcut.shape[1], : shortcut.shape[2]] += shortcut
                x, at = np.maximum(whole, 0), at + 2
        result: Floats = x.mean(axis=(1, 2)) @ self.projection
        return result

    def _convolved(self, x: Floats, layer: int, stride: int, pad: int) -> Floats:
        filters, bias, gain, offset = self.layers[layer]
        padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, filters.shape[2:], (1, 2))
        plain = np.tensordot(filters, windows[:, ::stride, ::stride], ((1, 2, 3), (0, 3, 4)))
        result: Floats = (plain + bias[:, None, None]) * gain[:, None, None] + offset[:, None, None]
        return result


def pooled(x: Floats, size: int, how: object) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))[:, ::2, ::2]
    result: Floats = np.max(windows, (3, 4)) if how is np.max else np.mean(windows, (3, 4))
    return result


@pytest.fixture(scope="module")
def network() -> Network:
    return Network()


def test_converted_network_computes_what_dlibs_would(network: Network) -> None:
    rgb = network.random.integers(0, 256, (3, 150, 150)).astype(np.float64)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(dlib_to_onnx(network.content), np.uint8))
    net.setInput(rgb.astype(np.float32)[None])
    expected = network.describe(rgb)
    assert np.abs(net.forward().reshape(-1) - expected).max() < 1e-3 * np.abs(expected).max()


def test_conversion_gives_the_same_bytes_every_time(network: Network) -> None:
    assert dlib_to_onnx(network.content) == dlib_to_onnx(network.content)


@pytest.mark.parametrize("keep", [0, 10, 5000, -1])
def test_truncated_file_is_refused(network: Network, keep: int) -> None:
    with pytest.raises(ModelError, match="not dlib's face descriptor"):
        dlib_to_onnx(network.content[:keep])


def test_nonsense_weights_are_refused(network: Network) -> None:
    broken = network.content[:-4] + struct.pack("<f", float("nan"))
    with pytest.raises(ModelError, match="nonsense"):
        dlib_to_onnx(broken)
