"""What a row is asked for, and when it is to come to its end early."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Asked:
    """``kills``: how many faults to inject; ``over`` says whether somebody wants it to end now."""

    kills: int
    seed: int
    over: Callable[[], bool] = lambda: False

    @cached_property
    def chance(self) -> random.Random:
        """When and whom to hit."""
        return random.Random(self.seed)  # noqa: S311 not a secret
