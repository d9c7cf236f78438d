"""Fixtures of the tests over the real stores."""

from tests.kit.ingest_process import process

__all__ = ["process"]
