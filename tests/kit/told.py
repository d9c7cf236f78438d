"""What the oracle expects of a few events, in a form that is easy to write down by hand."""

from typing import Any

from shared.contracts.trading import TradingEvent
from tests.kit.reference import Lines, expected


def told(rule: str, *events: TradingEvent, **moved: Any) -> list[str]:
    """Return ``step episode revision`` of each alert of one rule; ``moved``: other thresholds."""
    alerts = expected(events, Lines(**moved), rules={rule})
    assert {alert.rule for alert in alerts} <= {rule}
    return [f"{a.type.removeprefix('alert.')} {a.episode} {a.revision}" for a in alerts]


def steps(rule: str, *events: TradingEvent, **moved: Any) -> list[str]:
    """Return the steps alone, of a rule of which one episode is enough."""
    return [word.split()[0] for word in told(rule, *events, **moved)]
