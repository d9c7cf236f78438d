"""What a failure of the database is about."""

from sqlalchemy.exc import DBAPIError

ABOUT_THE_DATA = "22"  # SQLSTATE class: the value, not the database


COLLISION = "40"  # a deadlock: one of the two was ended, and may try again


def is_a_collision(error: DBAPIError) -> bool:
    """Say whether the transaction was ended in favour of another."""
    return (getattr(error.orig, "sqlstate", None) or "").startswith(COLLISION)


def is_about_the_data(error: DBAPIError) -> bool:
    """Say whether the database refused a value, or the driver did already."""
    state = getattr(error.orig, "sqlstate", None) or ""
    cause = getattr(error.orig, "__cause__", None)
    return state.startswith(ABOUT_THE_DATA) or isinstance(cause, ValueError | OverflowError)
