"""Whether an object of a JSON text may hold a key twice: a cheap look before an exact one.

It says no only where no object does. This room must not check that the text is JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numba
import numpy as np

from workbench.kernels.json_tokens import BACKSLASH, byte_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE, _OPEN, _CLOSE, _COLON, _BLANK = (ord(c) for c in '"{}: ')
#: Keys of one object, and objects inside objects, up to which it looks: more are a "may".
_MOST_KEYS: Final = 64
_DEEPEST: Final = 64


@numba.njit(nogil=True, cache=True)
def may_repeat_keys(data: NDArray[np.uint8]) -> bool:
    """False only where no key occurs twice in one object, at any depth.

    Keys are compared by a hash of their bytes; one that is written with escapes is a "may".

    Args:
        data: A JSON text.
    """
    hashes = np.empty(_MOST_KEYS * _DEEPEST, np.uint64)
    first = np.empty(_DEEPEST + 1, np.int64)  # of each open object, where its keys begin
    depth = 0
    count = 0
    size = len(data)
    p = 0
    while p < size:
        c = byte_at(data, p)
        p += 1
        if c == _OPEN:
            if depth == _DEEPEST:
                return True
            first[depth] = count
            depth += 1
        elif c == _CLOSE:
            if depth:
                depth -= 1
                count = first[depth]
        elif c == _QUOTE:
            escaped = False
            key = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
            while p < size and byte_at(data, p) != _QUOTE:
                if byte_at(data, p) == BACKSLASH:
                    escaped = True
                    p += 1
                else:
                    key = (key ^ np.uint64(byte_at(data, p))) * np.uint64(0x100000001B3)
                p += 1
            p += 1
            while p < size and byte_at(data, p) <= _BLANK:
                p += 1
            if p >= size or byte_at(data, p) != _COLON or not depth:
                continue
            low = first[depth - 1]
            if escaped or count - low == _MOST_KEYS:
                return True
            for i in range(low, count):
                if hashes[i] == key:
                    return True
            hashes[count] = key
            count += 1
    return False
