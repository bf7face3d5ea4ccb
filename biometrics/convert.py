"""dlib's face descriptor (.dat) to ONNX, without dlib.

Source of the layout: dlib `examples/dnn_face_recognition_ex.cpp` (network `anet_type`) and
`dlib/dnn/tensor.h` (`serialize(tensor)`: version 2, four dimensions as variable-length integers, then
little-endian float32). Tensors stand in the file from input to output, so each is found by the bytes of its
version and dimensions. The affine layers that replace batch normalisation are folded into their convolutions,
and so is the normalisation of the input. The result is the same bytes on every machine: no sum depends on the
order of vector lanes.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from biometrics.errors import ModelError

Floats = NDArray[np.float64]

INPUT_PX = 150
DESCRIPTOR_LENGTH = 128
# dlib `input_rgb_image_sized<150>`: red, green, blue averages of its training images, and 1/256.
MEAN_RGB = (122.782, 117.001, 104.298)
SCALE = 1.0 / 256.0
# (channels, whether the group halves the picture, residual blocks), from input to output.
GROUPS = ((32, False, 3), (64, True, 4), (128, True, 3), (256, True, 3), (256, True, 1))
_LARGEST_WEIGHT = 1e3


@dataclass
class _Tensors:
    """Reads the file's tensors in order."""

    content: bytes
    position: int = 0

    def take(self, *dimensions: int) -> Floats:
        header = b"\x01\x02" + b"".join(_variable_length(n) for n in dimensions)
        at = self.content.find(header, self.position)
        count = math.prod(dimensions)
        start = at + len(header)
        if at < 0 or start + 4 * count > len(self.content):
            raise ModelError(f"not dlib's face descriptor: no tensor of {dimensions}")
        values = np.frombuffer(self.content, "<f4", count, start)
        if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST_WEIGHT:
            raise ModelError(f"not dlib's face descriptor: nonsense in the tensor of {dimensions}")
        self.position = start + 4 * count
        return values.astype(np.float64)


@dataclass
class _Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    tensors: _Tensors
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def op(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def weight(self, values: NDArray[np.generic]) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolution(self, x: str, inputs: int, outputs: int, kernel: int, stride: int, pad: int) -> str:
        """One convolution with the affine layer behind it; the first one also normalises the input."""
        count = outputs * inputs * kernel * kernel
        filters_and_bias = self.tensors.take(count + outputs, 1, 1, 1)
        affine = self.tensors.take(2 * outputs, 1, 1, 1)
        gain, offset = affine[:outputs], affine[outputs:]
        filters = filters_and_bias[:count].reshape(outputs, inputs, kernel, kernel) * gain[:, None, None, None]
        bias = filters_and_bias[count:] * gain + offset
        if x == "input":
            filters, bias = _with_input_normalised(filters, bias)
        return self.op(
            "Conv",
            x,
            self.weight(filters.astype(np.float32)),
            self.weight(bias.astype(np.float32)),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[pad] * 4,
        )

    def padded(self, x: str, channels: int, pixels: int) -> str:
        """Zeros behind the channels and below and right of the picture, as dlib's `add_prev` does."""
        if not channels and not pixels:
            return x
        ends = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
        return self.op("Pad", x, self.weight(ends), mode="constant")

    def block(self, x: str, inputs: int, outputs: int, size: int, halves: bool) -> tuple[str, int]:
        """One residual block; returns its output and the picture's new size in pixels."""
        y = self.convolution(x, inputs, outputs, 3, 2 if halves else 1, 0 if halves else 1)
        y = self.convolution(self.op("Relu", y), outputs, outputs, 3, 1, 1)
        shortcut = x
        if halves:
            convolved, pooled = (size - 3) // 2 + 1, size // 2
            shortcut = self.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
            shortcut = self.padded(shortcut, outputs - inputs, 0)
            y = self.padded(y, 0, pooled - convolved)
            size = pooled
        return self.op("Relu", self.op("Add", y, shortcut)), size


def dlib_to_onnx(content: bytes) -> bytes:
    """Convert `dlib_face_recognition_resnet_model_v1.dat`.

    Args:
        content: The .dat file.

    Returns:
        An ONNX model: input "input" float32 (1, 3, 150, 150), RGB 0..255;
        output "descriptor" float32 (1, 128).

    Raises:
        ModelError: The file is not this network.
    """
    graph = _Graph(_Tensors(content))
    x = graph.op("Relu", graph.convolution("input", 3, 32, 7, 2, 0))
    x = graph.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    size, channels = 35, 32
    for outputs, halves, blocks in GROUPS:
        for index in range(blocks):
            x, size = graph.block(x, channels, outputs, size, halves and index == 0)
            channels = outputs
    x = graph.op("Flatten", graph.op("GlobalAveragePool", x), axis=1)
    projection = graph.tensors.take(256, DESCRIPTOR_LENGTH, 1, 1).reshape(256, DESCRIPTOR_LENGTH)
    graph.op("Gemm", x, graph.weight(projection.astype(np.float32)), output="descriptor")
    return _model(graph)


def _model(graph: _Graph) -> bytes:
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "dlib_face_recognition_resnet_v1",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, INPUT_PX, INPUT_PX])],
            [helper.make_tensor_value_info("descriptor", TensorProto.FLOAT, [1, DESCRIPTOR_LENGTH])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", 11)],
        producer_name="adm",
        ir_version=6,
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _with_input_normalised(filters: Floats, bias: Floats) -> tuple[Floats, Floats]:
    """(pixel - mean) * scale, moved into the first convolution; `fsum` leaves only one possible result."""
    scaled = filters * SCALE
    shift = [
        math.fsum(float(w) * mean for w_channel, mean in zip(f, MEAN_RGB, strict=True) for w in w_channel.flat)
        for f in scaled
    ]
    return scaled, bias - np.array(shift)


def _variable_length(number: int) -> bytes:
    """dlib `serialize(unsigned long)`: a count of bytes, then the bytes, least first."""
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "little")
