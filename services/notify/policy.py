"""Reads ``policy.yaml``."""

from pathlib import Path

import yaml

from services.notify.domain.policy import Policy

SHIPPED = Path(__file__).with_name("policy.yaml")


class WrongPolicy(ValueError):
    """The file cannot be read, is no YAML, or says something the policy does not know."""


def read_policy(path: Path = SHIPPED) -> Policy:
    """Return the policy; WrongPolicy names the file and the place in it."""
    try:
        return Policy.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WrongPolicy(f"{path}: {error}") from None
