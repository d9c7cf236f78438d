"""Whether a side did what it says: the same check for all, before its figure is used."""

from collections import Counter
from collections.abc import Callable, Iterator

from bench.reference import Reference, Totals
from bench.task import Claim


class Refused(RuntimeError):
    """A side's turn has no figure; ``str`` says why."""


def complaints(
    claim: Claim, told: Counter[str], right: Reference, name: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield what is wrong: alerts lost or invented over the records it says it consumed.

    ``name`` shortens what is right to what the side is able to say.
    """
    if claim.seconds <= 0 or claim.records <= 0:
        yield "it consumed nothing"
        return
    consumed = sum((claim.positions or claim.counts).values())
    if consumed < claim.records:
        yield f"it says {claim.records} records and stands at {consumed}"
    whole = right.at(claim.positions) if claim.positions else right.of(claim.counts)
    wanted: Counter[str] = Counter()
    for identity, count in whole.items():
        wanted[name(identity)] += count
    lost, phantom = wanted - told, told - wanted
    if lost:
        yield f"{sum(lost.values())} of {sum(wanted.values())} alerts lost: {next(iter(lost))}"
    if phantom:
        yield f"{sum(phantom.values())} alerts too many: {next(iter(phantom))}"


def wrong_totals(claim: Claim, totals: Totals) -> Iterator[str]:
    """Yield what is wrong about the state of a side that shows it."""
    if not claim.totals:
        return
    wrong = [k for k, (count, sum_) in claim.totals.items() if totals.of(k, count) != sum_]
    if wrong:
        yield f"{len(wrong)} of {len(claim.totals)} accounts have a wrong sum: {wrong[0]}"
    counted = sum(count for count, _ in claim.totals.values())
    consumed = sum((claim.positions or claim.counts).values())
    if counted != consumed:
        yield f"its state holds {counted} records, its positions {consumed}"
