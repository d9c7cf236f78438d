"""亏损 — how much was lost, and of how much."""

import msgspec


class Loss(msgspec.Struct, frozen=True, gc=False):
    """What was lost, withdrawals left aside, of the equity before and deposits since; in 厘."""

    base: int
    lost: int

    @property
    def basis_points(self) -> int:
        """Return the part lost, cut to whole basis points."""
        return self.lost * 10_000 // self.base if self.base > 0 else 0
