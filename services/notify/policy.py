"""Reads ``policy.yaml``."""

from pathlib import Path

import yaml

from services.notify.domain.policy import Policy

SHIPPED = Path(__file__).with_name("policy.yaml")


def read_policy(path: Path = SHIPPED) -> Policy:
    """Return the policy; a mistake in the file raises a ValidationError that names the place."""
    return Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
