"""Rule versions published while a row runs: new numbers, the same thresholds.

So what the oracle expects stands, while each passport names the version that was in force.
"""

from collections import Counter
from datetime import timedelta
from functools import lru_cache

from services.mot.rules import read_rules
from shared.contracts.rules import Rule, RulePublished, published
from shared.contracts.topics import RULE
from shared.streams.publish import Record
from tests.fault.inforce import RULES
from tests.fault.workload import MORNING

DETECTORS = read_rules().detectors


class RuleChanges:
    """Makes the next version of a rule; ``versions`` counts those that were made."""

    def __init__(self) -> None:
        self._made: Counter[str] = Counter()

    @property
    def versions(self) -> int:
        return self._made.total()

    def next(self, rule: str) -> RulePublished:
        """Return the next version of a rule, which says what the one before it said."""
        self._made[rule] += 1
        return _version(rule, self._made[rule])


@lru_cache(maxsize=1_000)
def _version(rule: str, number: int) -> RulePublished:
    detector = DETECTORS[rule]
    return published(
        Rule(
            rule=rule,
            version=detector.version + number,
            urgency=detector.urgency,
            thresholds=detector.thresholds(),
            author="fault",
            published_at=MORNING + timedelta(minutes=number),
        )
    )


NAMES = sorted(RULES)


def record(version: RulePublished) -> Record:
    """Return the record that publishes a version."""
    return Record(RULE.name, version.subject.encode(), version.encode())
