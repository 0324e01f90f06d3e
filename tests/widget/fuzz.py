"""Messages of a page that went wrong on the way: valid ones, changed at random."""

import copy
import math

DEEPEST = 8
CANARY = "canary.txt"
CODE = f"__import__('pathlib').Path('{CANARY}').write_text('run')"

VALID = [
    ("train", {"steps": 2, "optimizer": "LBFGS", "lr": 1, "lamb": 0.01, "lamb_entropy": 2}),
    ("train", {"steps": 3, "optimizer": "Adam", "lr": 0.1, "update_grid": False}),
    ("train", {"steps": 2, "optimizer": "LM"}),
    ("auto", {"seconds": 0.05, "lib": ["x", "sin"], "seed": 1}),
    ("take_formula", {"index": 0}),
    ("prune", {"threshold": 0.03, "metric": "backward"}),
    ("fix_symbolic", {"edge": [0, 1, 1], "function": "sin"}),
    ("unfix_symbolic", {"edge": [0, 0, 0]}),
    ("remove_edge", {"edge": [0, 0, 0]}),
    ("restore_edge", {"edge": [1, 1, 0]}),
    ("remove_node", {"layer": 1, "node": 0}),
    ("restore_node", {"layer": 1, "node": 1}),
    ("remove_edges", {"edges": [[0, 0, 0], [1, 1, 0]]}),
    ("restore_edges", {"edges": [[0, 0, 0], [1, 1, 0]]}),
    ("lock_edges", {"edges": [[0, 0, 1]]}),
    ("unlock_edges", {"edges": [[0, 0, 1]]}),
    ("fix_edges", {"edges": [[0, 0, 0], [0, 1, 0]], "function": "sin"}),
    ("unfix_edges", {"edges": [[0, 0, 0]]}),
    ("name_node", {"layer": 0, "node": 0, "text": "speed"}),
    ("cost_of_removing", {"edges": [[0, 0, 0], [1, 1, 0]]}),
    ("cost_of_node", {"layer": 1, "node": 0}),
    ("functions_for", {"edges": [[0, 0, 0]]}),
    ("tidy", {}),
    ("snap", {"edge": [0, 0, 0], "constant": "a", "p": 3, "q": 1, "base": "pi"}),
    ("snap_all", {}),
    ("inspect", {"edge": [1, 0, 0]}),
    ("set_constant", {"edge": [0, 1, 1], "constant": "a", "value": "pi/2", "lock": True}),
    ("lock_constant", {"edge": [0, 1, 1], "constant": "c"}),
    ("unlock_constant", {"edge": [0, 1, 1], "constant": "c"}),
    ("move_point", {"edge": [0, 0, 0], "index": 3, "value": 0.5, "refit": True}),
    ("define_function", {"text": "sin = cos(x)"}),
    ("suggest", {"edge": [0, 1, 0]}),
    ("proposals", {}),
    ("undo", {}),
    ("redo", {}),
    ("jump", {"number": 1}),
    ("rename", {"number": 0, "text": "start"}),
    ("annotate", {"number": 0, "note": "a note"}),
    ("pin", {"number": 0, "pinned": True}),
    ("look", {"number": 1}),
    ("compare", {"a": 0, "b": 2}),
    ("script", {"form": "notebook"}),
    ("act", {"method": "refine", "values": {"new_grid": 5}}),
    ("act", {"method": "expand_width", "values": {"layer_id": 1, "n_added_nodes": 2, "mult_arity": 2}}),
    ("act", {"method": "expand_depth", "values": {}}),
    ("act", {"method": "update_grid", "values": {"x": {"$": "dataset"}}}),
    ("act", {"method": "perturb", "values": {"mag": 0.1, "seed": 3}}),
    ("act", {"method": "lock_edge", "values": {"l": 0, "i": 0, "j": 0}}),
    ("act", {"method": "swap", "values": {"l": 1, "i1": 0, "i2": 1}}),
    ("act", {"method": "prune_input", "values": {"active_inputs": {"$": "tuple", "items": [0]}}}),
    ("act", {"method": "auto_symbolic", "values": {"lib": ["x", "x^2"]}}),
    ("stop", {}),
    ("cancel", {}),
    ("pause", {}),
    ("resume", {}),
]  # fmt: skip


def deep(depth, leaf=0):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


ODD = [
    None, True, False, 0, -1, 1, 0.5, -0.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324,
    2**31, 2**63, -(2**63), 2**64, 10**30, 10**400, "", "0", "1", "nan", "x" * 100_000, "\0",
    "\ud800", "ä☃😀", "__class__", "__init__", "__dict__", "../../etc/passwd", CODE,
    "{0.__class__}", "%s%s%n", "$", "fit", "dataset", "snapshot", "restore", [], {}, [[]],
    [None], [0] * 20_000,
    [1e400, "a"], {"$": "dataset"}, {"$": "number", "p": 10**400, "q": 0, "base": CODE},
    {"$": "float", "text": "nan"}, {"$": "dict", "items": [[[], 1]]}, {"$": "tuple", "items": 3},
    {"$": CODE}, {"__class__": "os"}, {"id": 1}, b"bytes",
    lambda: deep(50), lambda: deep(900), {"a": {"b": {"c": {}}}},
]  # fmt: skip


def mutated(rng):
    """A message and its buffers."""
    name, arguments = copy.deepcopy(rng.choice(VALID))
    message = {"id": rng.randrange(10**6), "command": name, "args": arguments}
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        message = _changed(rng, message)
    buffers = rng.choice(([], [], [b""], [b"\xff" * 1000] * 3, None, [None]))
    return message, buffers


def _changed(rng, message):
    """A message with one thing in it replaced, dropped, added or taken from elsewhere."""
    if rng.random() < 0.03:
        return _odd(rng)
    places = list(_places(message))
    if not places:
        return message
    holder, key = rng.choice(places)
    how = rng.choice(("odd", "odd", "odd", "number", "drop", "add", "other", "wrap"))
    if how == "odd":
        holder[key] = _odd(rng)
    elif how == "number":
        holder[key] = rng.choice(
            (rng.uniform(-9, 9), rng.randrange(-3, 9), 10.0 ** rng.randrange(-9, 9))
        )
    elif how == "drop":
        del holder[key]
    elif how == "add":
        if isinstance(holder, dict):
            new = rng.choice(["what", "__class__", "edge", "steps", "$", "", "self", "view", 3])
            holder[new] = _odd(rng)
        else:
            holder.append(_odd(rng))
    elif how == "wrap":
        holder[key] = [holder[key]]
    else:
        name, arguments = copy.deepcopy(rng.choice(VALID))
        if rng.random() < 0.5:
            message["command"] = name
        else:
            message["args"] = arguments
    return message


def _odd(rng):
    value = rng.choice(ODD)
    return value() if callable(value) else copy.deepcopy(value)


def _places(value, depth=0):
    """Every place in a message: what it is in, and its key or index."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(min(len(value), 5))
    else:
        return
    for key in keys:
        yield value, key
        yield from _places(value[key], depth + 1)
