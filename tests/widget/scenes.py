"""Scenes read by their documented layout alone, and one made by hand that the page's tests read too.

``python -m tests.widget.scenes`` writes golden_scene.json anew after a wanted change of the format.
"""

import base64
import json
import math
from pathlib import Path

import numpy as np

from kanwidget.costs import PruneCurve
from kanwidget.picture import Picture
from kanwidget.widget.scene import encode

GOLDEN = Path(__file__).with_name("golden_scene.json")
VERSION = 7

NODES = {"node_alive": "u1", "arity": "<u4", "node_low": "<f4", "node_high": "<f4"}
EDGES = {
    **dict.fromkeys(("layer", "source", "target"), "<u4"),
    **dict.fromkeys(("kind", "locked"), "u1"),
    **dict.fromkeys(("score", "cost", "x_low", "x_high", "y_low", "y_high"), "<f4"),
    **dict.fromkeys(("grid_low", "grid_high", "r2"), "<f4"),
}


def read(data):
    """The eight numbers at the front, and everything else by its name in Picture."""
    at = 0

    def take(dtype, count):
        nonlocal at
        array = np.frombuffer(data, dtype, count, at)
        end = at + array.nbytes
        at = 4 * math.ceil(end / 4)
        assert data[end:at] == bytes(at - end), "padding is not zero"
        return array

    header = take("<u4", 8).tolist()
    layers, nodes, edges, samples, bins = header[3:]
    found = {"width": tuple(take("<u4", layers + 1).tolist())}
    found |= {name: take(dtype, nodes) for name, dtype in NODES.items()}
    found |= {name: take(dtype, edges) for name, dtype in EDGES.items()}
    found["curve"] = take("<f4", edges * samples).reshape(edges, samples)
    found["histogram"] = take("u1", edges * bins).reshape(edges, bins)
    (length,) = take("<u4", 1)
    assert len(data) == at + length
    texts = json.loads(data[at:].decode())
    functions = {
        tuple(map(int, edge.split(","))): name for edge, name in texts["functions"].items()
    }
    prune = PruneCurve(**{name: tuple(values) for name, values in texts["prune"].items()})
    found |= texts | {"functions": functions, "prune": prune}
    found |= {name: tuple(found[name]) for name in ("inputs", "outputs")}
    return header, found


def golden_picture():
    """Five nodes, one a product, six edges of every kind, three samples, five bins: all need padding."""
    edges = np.arange(6)
    halves = np.float32(edges / 2)
    return Picture(
        width=(2, 2, 1),
        node_alive=np.array([1, 1, 0, 1, 1], dtype=np.uint8),
        arity=np.array([0, 0, 1, 2, 1], dtype=np.uint32),
        node_low=np.float32([-1, -2, -3, -4, -5]),
        node_high=np.float32([1, 2, 3, 4, 5.5]),
        layer=np.array([0, 0, 0, 0, 1, 1], dtype=np.uint32),
        source=np.array([0, 1, 0, 1, 0, 1], dtype=np.uint32),
        target=np.array([0, 1, 2, 2, 0, 0], dtype=np.uint32),
        kind=np.array([0, 1, 2, 3, 2, 1], dtype=np.uint8),
        locked=np.array([0, 1, 0, 0, 1, 0], dtype=np.uint8),
        score=halves,
        cost=np.float32([0.25, -0.25, np.nan, 0, 1024, 0.125]),
        x_low=-1 - halves,
        x_high=1 + halves,
        y_low=10 - halves,
        y_high=20 + halves,
        grid_low=-2 + halves,
        grid_high=2 - halves / 2,
        r2=np.float32([np.nan, np.nan, 0.75, np.nan, 1, -0.5]),
        curve=np.float32(edges[:, None] + [0, 0.25, 0.5]),
        histogram=np.uint8(10 * edges[:, None] + [0, 1, 2, 3, 205]),
        functions={(0, 0, 2): "x^2", (1, 0, 0): "sin"},
        inputs=("größe", "温度 😀"),
        outputs=("y",),
        metric="forward_u",
        omitted=3,
        prune=PruneCurve((0.0, 0.5), (0.25, 1.5), (0, 2)),
        unmeasured_above=5,
    )


def golden_record():
    """The golden scene in base64, and what `decodeScene` in js/src/protocol.ts is to make of it."""
    picture = golden_picture()

    def plain(array):
        return [None if math.isnan(value) else value for value in array.ravel().tolist()]

    arrays = {
        "nodeAlive": picture.node_alive,
        "arity": picture.arity,
        "nodeLo": picture.node_low,
        "nodeHi": picture.node_high,
        "layer": picture.layer,
        "from": picture.source,
        "to": picture.target,
        "kind": picture.kind,
        "locked": picture.locked,
        "score": picture.score,
        "dloss": picture.cost,
        "xLo": picture.x_low,
        "xHi": picture.x_high,
        "yLo": picture.y_low,
        "yHi": picture.y_high,
        "gridLo": picture.grid_low,
        "gridHi": picture.grid_high,
        "r2": picture.r2,
        "curve": picture.curve,
        "histogram": picture.histogram,
    }
    expected = {
        **{"version": VERSION, "layers": 2, "edges": 6, "samples": 3, "bins": 5},
        "widths": list(picture.width),
        "owner": [[0, 1, 1], [0]],
        **{name: plain(array) for name, array in arrays.items()},
        "meta": {
            "inputs": list(picture.inputs),
            "outputs": list(picture.outputs),
            "functions": {"0,0,2": "x^2", "1,0,0": "sin"},
            "metric": picture.metric,
            "omitted": picture.omitted,
            "prune": {"threshold": [0, 0.5], "loss": [0.25, 1.5], "removed": [0, 2]},
            "unmeasured_above": 5,
        },
    }
    scene = base64.b64encode(encode(picture, VERSION)).decode()
    return {"scene": scene, "expected": expected}


if __name__ == "__main__":
    text = json.dumps(golden_record(), indent=2, ensure_ascii=False)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
