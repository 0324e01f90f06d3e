"""Files of sessions taken apart, damaged in every way one can think of, and put together again."""

import copy
import hashlib
import json
import random
import struct

from kanwidget.session.storage.file import BEFORE_HASH, NO_HASH

TRAP = "__import__('pathlib').Path({path!r}).touch()"
"""Whatever runs this as code leaves a file behind."""
NUMBERS = [
    *(0, 1, -1, 2, 3, 7, 255, 10**3, 10**6, 10**9, 2**31, 2**53, 2**63, 2**64, 10**40, -(10**9)),
    *(0.5, -0.5, 1e-300, 1e300, 1.0),
]
RAW = ["NaN", "Infinity", "-Infinity", "1e999", "-0", "01", "1" * 5000, '"\\ud800"', "undefined"]
METHODS = ["__class__", "__init__", "__reduce__", "eval", "exec", "os.system", "save", "load", "to"]
KEYS = ["$", "items", "text", "__class__", "l", "self", "dataset", "format", "nodes", "state", ""]


def taken_apart(raw):
    """The JSON of the document, what the header says of tensors, and their numbers."""
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    texts = header.pop("__metadata__")
    return texts["kanwidget"], header, raw[8 + size :]


def put_together(text, entries, numbers):
    """A file of these, with the hash it needs."""
    texts = {"kanwidget": text, "sha256": NO_HASH.decode()}
    written = json.dumps({"__metadata__": texts} | entries, separators=(",", ":")).encode()
    written += b" " * (-len(written) % 8)
    return sealed(struct.pack("<Q", len(written)) + written + numbers)


def sealed(raw):
    """The bytes with the hash they need, where they have a place for one."""
    begin = raw.find(BEFORE_HASH) + len(BEFORE_HASH)
    if begin < len(BEFORE_HASH):
        return raw
    end = begin + len(NO_HASH)
    digest = hashlib.sha256(raw[:begin] + NO_HASH + raw[end:]).hexdigest().encode()
    return raw[:begin] + digest + raw[end:]


def reworded(raw, document):
    """The file with another document."""
    _, entries, numbers = taken_apart(raw)
    return put_together(json.dumps(document), entries, numbers)


class Fuzzer:
    """Damaged files, each from a number."""

    def __init__(self, raw, trap):
        self._raw, self._trap = raw, TRAP.format(path=str(trap))
        self._text, self._entries, self._numbers = taken_apart(raw)
        self._document = json.loads(self._text)

    def file(self, number):
        """The file of a number, and the way it was damaged."""
        choose = random.Random(number)
        way = choose.choice(
            [self._bytes, *[self._json] * 5, self._words, *[self._tensors] * 2, self._values]
        )
        return way(choose), way.__name__

    # ------------------------------------------------------------------ bytes

    def _bytes(self, choose):
        raw = bytearray(self._raw)
        for _ in range(choose.choice([1, 1, 2, 10, 100])):
            a, b = sorted(choose.randrange(len(raw) + 1) for _ in range(2))
            head = choose.random() < 0.5  # the first bytes decide more than the others
            if head:
                a, b = a % 200, a % 200 + choose.randrange(50)
            kind = choose.randrange(6)
            if kind == 0 and a < len(raw):
                raw[a] ^= 1 << choose.randrange(8)
            elif kind == 1:
                del raw[a:]
            elif kind == 2:
                raw[a:a] = choose.randbytes(choose.choice([1, 8, 1000]))
            elif kind == 3:
                del raw[a:b]
            elif kind == 4:
                raw[a:b] = raw[a:b] * 2
            else:
                raw[a:b] = raw[b : 2 * b - a] + raw[a:b]
            if not raw:
                break
        return sealed(bytes(raw)) if choose.random() < 0.7 else bytes(raw)

    # ------------------------------------------------------------------ the document

    def _json(self, choose):
        document = copy.deepcopy(self._document)
        for _ in range(choose.choice([1, 1, 1, 2, 5])):
            self._damage(document, choose)
        return put_together(json.dumps(document), self._entries, self._numbers)

    def _damage(self, document, choose):
        """Walk to some place of a document and change what is there."""
        place = document
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            if not keys:
                break
            key = choose.choice(keys)
            if not isinstance(place[key], dict | list) or not place[key] or choose.random() < 0.1:
                break
            place = place[key]
        if not place:
            return
        kind = choose.randrange(12)
        if kind > 7 and type(place[key]) is int:
            place[key] = choose.choice([choose.randrange(4), choose.randrange(60), place[key] + 1])
        elif kind > 7:
            place[key] = self._another(choose, document, type(place[key]))
        elif kind == 0:
            del place[key]
        elif kind == 1 and isinstance(place, dict):
            place[choose.choice(KEYS)] = self._some(choose, document)
        elif kind == 1:
            place.insert(key, copy.deepcopy(place[key]))
        elif kind == 2 and isinstance(place, list):
            choose.shuffle(place)
        elif kind == 3 and type(place[key]) in (int, float):
            place[key] += choose.choice([-1, 1, 2, 100])
        elif kind == 4 and isinstance(place[key], str):
            place[key] = choose.choice(
                [self._trap, *METHODS, place[key] * choose.choice([2, 20, 5000])]
            )
        else:
            place[key] = self._some(choose, document)

    def _another(self, choose, document, kind):
        """A copy of some other value of this kind in the document."""
        found, waiting = [], [document]
        while waiting:
            one = waiting.pop()
            if isinstance(one, kind):
                found.append(one)
            if isinstance(one, dict | list):
                waiting += one.values() if isinstance(one, dict) else one
        return copy.deepcopy(choose.choice(found or [None]))

    def _some(self, choose, document):
        kind = choose.randrange(9)
        if kind < 3:
            return choose.choice(NUMBERS)
        if kind == 3:
            return choose.choice([None, True, False, "", [], {}, [[]], [None], self._trap])
        if kind == 4:
            nested = choose.choice([1, "x", None])
            for _ in range(choose.choice([2, 9, 20, 300])):
                nested = [nested] if choose.random() < 0.5 else {"a": nested}
            return nested
        if kind == 5:
            return {"$": choose.choice(["tuple", "dict", "number", "float", "eval", "dataset", 3]),
                    "items": choose.choice([[], [[1, 2]], "ab", [[[1], 2]], self._trap]),
                    "text": choose.choice(["nan", self._trap]),
                    "p": choose.choice(NUMBERS), "q": choose.choice(NUMBERS),
                    "base": choose.choice(["1", "pi", "sqrt(2)", self._trap])}  # fmt: skip
        if kind == 6:
            return [choose.choice(NUMBERS)] * choose.choice([1, 15, 1000])
        if kind == 7:
            return [choose.choice(METHODS), {"code": self._trap}]
        return copy.deepcopy(choose.choice(list(document.values()) or [0]))

    def _words(self, choose):
        """The text of the document, where a value becomes what JSON does not have."""
        text = self._text
        places = [n for n, letter in enumerate(text) if letter in ":,["]
        place = choose.choice(places) + 1
        other = choose.choice([*RAW, "[" * 10**5, '{"a":' * 10**4, "/* */", '"x":1,'])
        if choose.random() < 0.3:
            text = text[:place] + other + text[place:]
        else:
            end = min(
                (text.find(mark, place) for mark in ",]}" if mark in text[place:]), default=place
            )
            text = text[:place] + other + text[end:]
        return put_together(text, self._entries, self._numbers)

    # ------------------------------------------------------------------ tensors

    def _tensors(self, choose):
        entries, numbers = copy.deepcopy(self._entries), bytearray(self._numbers)
        for _ in range(choose.choice([1, 1, 2, 4])):
            one, two = (choose.choice(list(entries)) for _ in range(2))
            kind, entry = choose.randrange(9), entries[one]
            if kind == 0:
                entry["dtype"] = choose.choice(
                    ["F32", "F64", "BOOL", "I64", "U8", "F8_E5M2", "X", 3]
                )
            elif kind == 1:
                entry["shape"] = choose.choice(
                    [[], [0], [-1], [10**9] * 3, [2**32, 2**32], entry["shape"][::-1],
                     [*entry["shape"], 1], "x", [1.5], entries[two]["shape"]]
                )  # fmt: skip
            elif kind == 2:
                a, b = entry["data_offsets"]
                entry["data_offsets"] = choose.choice(
                    [
                        [b, a],
                        [a, b + 8],
                        [a - 8, b],
                        [0, 2**63],
                        [0, 10**40],
                        [a],
                        entries[two]["data_offsets"],
                    ]
                )
            elif kind == 3:
                entries[one], entries[two] = entries[two], entries[one]
            elif kind == 4 and len(entries) > 1:
                del entries[one]
            elif kind == 5:
                entries[choose.choice([str(10**6), "00", "x", "-1", str(len(entries))])] = entry
            elif kind == 6:
                del entry[choose.choice(list(entry))]
            elif kind == 7:
                entry["more"] = self._trap
            else:
                del numbers[choose.randrange(len(numbers)) :]
            if any(set(each) != {"dtype", "shape", "data_offsets"} for each in entries.values()):
                break
        return put_together(self._text, entries, bytes(numbers))

    def _values(self, choose):
        """The numbers of some tensor: all of one, none at all, or arbitrary bits."""
        numbers = bytearray(self._numbers)
        for _ in range(choose.choice([1, 3])):
            begin, end = choose.choice(list(self._entries.values()))["data_offsets"]
            size = end - begin
            numbers[begin:end] = choose.choice(
                [bytes(size), b"\xff" * size, b"\1" * size, choose.randbytes(size)]
            )
        return put_together(self._text, self._entries, bytes(numbers))
