"""Identities that are derived, so that a replay says the same thing and never a second one."""

from uuid import UUID, uuid5

ALERTS = UUID("6d6f7400-0000-5000-8000-67756e636861")


def alert_id(rule: str, account_key: str, episode: str) -> UUID:
    """Return the identity of an alert: rule, ``broker:account`` and the episode its rule names.

    >>> alert_id("large_withdrawal", "demo:80012345", "2026-06-01")
    UUID('7bb8f537-2aae-5c25-ac73-4da7190814c0')
    """
    return uuid5(ALERTS, f"{rule}|{account_key}|{episode}")


def revision_id(alert: UUID, type_: str, revision: int) -> UUID:
    """Return the event id of one revision of an alert."""
    return uuid5(alert, f"{type_}|{revision}")


def short_code(alert: UUID) -> str:
    """Return the code a person reads out on the phone; it makes every text differ.

    >>> short_code(UUID("7bb8f537-2aae-5c25-ac73-4da7190814c0"))
    '7BB8F537'
    """
    return alert.hex[:8].upper()
