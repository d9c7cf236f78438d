"""Where the embedded PostgreSQL is: one user, who owns everything, and one database by default."""

USER = DATABASE = "guanchao"


def address(port: int, password: str, database: str = DATABASE) -> str:
    """Return the address with its password: never for a log."""
    return f"postgresql+asyncpg://{USER}:{password}@127.0.0.1:{port}/{database}"
