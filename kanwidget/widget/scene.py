"""A picture as one little-endian buffer, for the page to draw from; `js/src/protocol.ts` reads it.

Every section begins on a 4-byte boundary:

    uint32[8]     magic "KANW", format, version, L edge layers, N nodes, E edges, S samples, H bins
    uint32[L+1]   nodes of every node layer
    uint8[N]      node alive: 0 dead, 1 alive
    uint32[N]     arity: sums that the node multiplies, 1 for a plain sum, 0 for an input
    float32[N]    node_low, then node_high
    uint32[E]     layer, then source, then target: one of the sums, counted node by node
    uint8[E]      edge kind: 0 removed, 1 numeric, 2 symbolic, 3 both
    uint8[E]      locked: 1 where training leaves the edge as it is
    float32[E]    score, cost of removal, x_low, x_high, y_low, y_high
    float32[E]    grid_low, grid_high: outside of it splines are extrapolated
    float32[E]    r2 of a function against the spline under it, NaN where unknown or no function
    float32[E·S]  curves
    uint8[E·H]    histograms
    uint32        length of a UTF-8 JSON text, then the text: names, functions, metric, prune curve, and how
                  many edges are measured at most where these are more
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from kanwidget.picture import Picture

MAGIC = 0x574E414B
FORMAT = 3


def encode(picture: Picture, version: int) -> bytes:
    """The picture as bytes; ``version`` is that of the view it belongs to."""
    edges, samples = picture.curve.shape
    header = [
        MAGIC,
        FORMAT,
        version,
        len(picture.width) - 1,
        sum(picture.width),
        edges,
        samples,
        picture.histogram.shape[1],
    ]
    sections = [
        _section(header, "<u4"),
        _section(picture.width, "<u4"),
        _section(picture.node_alive, "u1"),
        _section(picture.arity, "<u4"),
        _section(picture.node_low, "<f4"),
        _section(picture.node_high, "<f4"),
        _section(picture.layer, "<u4"),
        _section(picture.source, "<u4"),
        _section(picture.target, "<u4"),
        _section(picture.kind, "u1"),
        _section(picture.locked, "u1"),
        _section(picture.score, "<f4"),
        _section(picture.cost, "<f4"),
        _section(picture.x_low, "<f4"),
        _section(picture.x_high, "<f4"),
        _section(picture.y_low, "<f4"),
        _section(picture.y_high, "<f4"),
        _section(picture.grid_low, "<f4"),
        _section(picture.grid_high, "<f4"),
        _section(picture.r2, "<f4"),
        _section(picture.curve, "<f4"),
        _section(picture.histogram, "u1"),
    ]
    text = json.dumps(_texts(picture), ensure_ascii=False).encode()
    return b"".join([*sections, _section([len(text)], "<u4"), text])


def _section(values: Any, dtype: str) -> bytes:
    array: npt.NDArray[Any] = np.ascontiguousarray(values, dtype=dtype)
    data = array.tobytes()
    return data + bytes(-len(data) % 4)


def _texts(picture: Picture) -> dict[str, Any]:
    return {
        "inputs": picture.inputs,
        "outputs": picture.outputs,
        "functions": {",".join(map(str, edge)): name for edge, name in picture.functions.items()},
        "metric": picture.metric,
        "omitted": picture.omitted,
        "prune": {
            "threshold": picture.prune.threshold,
            "loss": [loss if math.isfinite(loss) else None for loss in picture.prune.loss],
            "removed": picture.prune.removed,
        },
        "unmeasured_above": picture.unmeasured_above,
    }
