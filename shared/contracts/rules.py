"""Which thresholds mot watches by. Topic ``mot.rule.v1``, owner mot; kept for ever, never compacted.

Key: ``rule:version``. One partition, so that all workers read the versions in one order: where two
people publish the same version, the first one in the log is it. A version is never changed.
"""  # noqa: E501

from typing import Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, PositiveInt, TypeAdapter

from shared.contracts.alerts import Urgency
from shared.contracts.event import Code, Event, Model

RULES = UUID("6d6f7400-0000-5000-8000-72756c657321")


class Rule(Model):
    """规则版本 — everything a rule is told; ``thresholds`` as text, the way a passport has them.

    ``enabled`` false: from this version on the rule is off.
    """

    rule: Code
    version: PositiveInt
    enabled: bool = True
    urgency: Urgency
    thresholds: dict[str, str]
    author: str = Field(min_length=1, max_length=80)
    published_at: AwareDatetime
    note: str = Field(default="", max_length=400, description="why it was changed")


class RulePublished(Event):
    """规则发布."""

    type: Literal["rule.published"] = "rule.published"
    data: Rule


PUBLISHED: TypeAdapter[RulePublished] = TypeAdapter(RulePublished)


def rule_key(rule: str, version: int) -> str:
    """Return the record's key, which is also the subject.

    >>> rule_key("large_withdrawal", 2)
    'large_withdrawal:2'
    """
    return f"{rule}:{version}"


def published(rule: Rule) -> RulePublished:
    """Return the event that publishes a version; its id follows from rule and version."""
    key = rule_key(rule.rule, rule.version)
    return RulePublished(
        id=str(uuid5(RULES, key)),
        source="guanchao/mot",
        subject=key,
        time=rule.published_at,
        data=rule,
    )
