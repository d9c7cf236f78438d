"""One line of ``rules.yaml`` switches one detector on."""

from pathlib import Path
from typing import Any

import yaml

from services.mot.domain.detectors import catalogue
from services.mot.domain.watch import Rules
from shared.kernel.trading_day import Calendar, china

SHIPPED = Path(__file__).with_name("rules.yaml")


class WrongRules(ValueError):
    """A rule or a threshold that no detector knows, or a value that is none."""


def read_rules(path: Path = SHIPPED, calendar: Calendar | None = None) -> Rules:
    """Read a rules file; an unknown rule or threshold is refused with its place."""
    try:
        config: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise WrongRules(f"{path.name}: {error}") from None
    if not isinstance(config, dict):
        raise WrongRules(f"{path.name}: not a table of rules")
    known = catalogue()
    unknown = sorted(set(config) - set(known))
    if unknown:
        raise WrongRules(f"{path.name}: no such rule: {', '.join(unknown)}")
    try:
        detectors = {
            name: known[name].model_validate(given or {}) for name, given in config.items()
        }
    except ValueError as error:
        raise WrongRules(f"{path.name}: {error}") from None
    return Rules(detectors, calendar or china())
