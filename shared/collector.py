"""Python's cycle collector, kept from what is no cycle."""

import gc

YOUNG = 100_000  # objects born and not gone before it looks: more than the records in flight


def calm() -> None:
    """Let it look neither at the states that stay nor, time and again, at records that go.

    At its own pace (each 700 objects) it looks at every record in flight until it goes: that was
    1.5 of the 1.7 microseconds of a record's parse with half a million objects in memory.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
