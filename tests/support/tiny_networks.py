"""Networks of a few kilobytes with the inputs and outputs of published ones, for files that cannot be had here.

They find a bright patch, describe a chip by its colours, and call bright pictures alive: enough to see that pictures
go in and numbers come out as the published files' own runtimes have it, and nothing of how good those files are.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)


def _model(
    name: str,
    nodes: list[onnx.NodeProto],
    weights: dict[str, np.ndarray],
    ins: tuple[str, list[int]],
    outs: dict[str, list[int]],
) -> bytes:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(ins[0], TensorProto.FLOAT, ins[1])],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, shape) for out, shape in outs.items()],
        [numpy_helper.from_array(values, key) for key, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def yunet(side_px: int = 320) -> bytes:
    """`face_detection_yunet_2023mar.onnx`: cls, obj, bbox and kps at strides 8, 16 and 32; BGR 0..255.

    At stride 32 a cell is a face when it is white: 64 px wide and high around the cell, points within it. The other
    strides find nothing.
    """
    nodes, outs = list[onnx.NodeProto](), dict[str, list[int]]()
    weights = dict[str, np.ndarray]()
    heads = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    kps = np.array([-0.5, -0.5, 0.5, -0.5, 0.0, 0.0, -0.4, 0.5, 0.4, 0.5], np.float32)
    # Offsets from the cell's corner in strides, and log of the size in strides.
    biases = {"bbox": np.array([0.5, 0.5, np.log(2.0), np.log(2.0)], np.float32), "kps": kps + 0.5}
    for stride in STRIDES:
        pool = f"pool{stride}"
        nodes.append(
            helper.make_node("AveragePool", ["input"], [pool], kernel_shape=[stride] * 2, strides=[stride] * 2)
        )
        for head, channels in heads.items():
            key = f"{head}_{stride}"
            gain = 1.0 / (3 * 255) if head in ("cls", "obj") and stride == 32 else 0.0
            weights[f"w_{key}"] = np.full((channels, 3, 1, 1), gain, np.float32)
            weights[f"b_{key}"] = biases.get(head, np.zeros(channels, np.float32))
            weights[f"s_{key}"] = np.array([1, -1, channels], np.int64)
            nodes.append(helper.make_node("Conv", [pool, f"w_{key}", f"b_{key}"], [f"c_{key}"]))
            nodes.append(helper.make_node("Transpose", [f"c_{key}"], [f"t_{key}"], perm=[0, 2, 3, 1]))
            nodes.append(helper.make_node("Reshape", [f"t_{key}", f"s_{key}"], [key]))
            outs[key] = [1, (side_px // stride) ** 2, channels]
    return _model("yunet", nodes, weights, ("input", [1, 3, side_px, side_px]), outs)


def sface() -> bytes:
    """`face_recognition_sface_2021dec.onnx`: "data" (1, 3, 112, 112) RGB 0..255 to "fc1" (1, 128), of any length."""
    random = np.random.default_rng(4)
    weights: dict[str, np.ndarray] = {
        "scale": np.array(1 / 16, np.float32),
        "matrix": random.normal(size=(3 * 7 * 7, 128)).astype(np.float32),
        "shape": np.array([1, -1], np.int64),
    }
    nodes = [
        helper.make_node("AveragePool", ["data"], ["p"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Reshape", ["p", "shape"], ["f"]),
        helper.make_node("Mul", ["f", "scale"], ["g"]),
        helper.make_node("MatMul", ["g", "matrix"], ["fc1"]),
    ]
    return _model("sface", nodes, weights, ("data", [1, 3, 112, 112]), {"fc1": [1, 128]})


def minifasnet(kinds: int = 3, gain: float = 8.0) -> bytes:
    """A MiniFASNet as people convert it: (1, 3, 80, 80) BGR 0..255 to three numbers; the second grows with light."""
    gains = np.zeros((3, kinds), np.float32)
    gains[:, 1] = gain / (3 * 255)
    bias = np.zeros(kinds, np.float32)
    bias[1] = -gain / 2
    weights: dict[str, np.ndarray] = {"w": gains, "shape": np.array([1, -1], np.int64), "b": bias}
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["p"]),
        helper.make_node("Reshape", ["p", "shape"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["g"]),
        helper.make_node("Add", ["g", "b"], ["output"]),
    ]
    return _model("minifasnet", nodes, weights, ("input", [1, 3, 80, 80]), {"output": [1, kinds]})
