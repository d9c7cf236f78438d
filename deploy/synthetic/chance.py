"""Numbers that look like chance and follow from the seed: the same again for the same question.

No ``random``: a client's figures of one day are asked for alone, in any order, by the hundred
thousand.
"""

_MASK = (1 << 64) - 1


def chance(*parts: int) -> int:
    """Return 64 well-mixed bits of the parts (splitmix64's finisher, once a part).

    >>> chance(7, 1) == chance(7, 1), chance(7, 1) == chance(7, 2)
    (True, False)
    """
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state


def between(low: int, high: int, bits: int) -> int:
    """Return a number from ``low`` to ``high``, both included.

    >>> between(3, 5, 7)
    4
    """
    return low + bits % (high - low + 1)
