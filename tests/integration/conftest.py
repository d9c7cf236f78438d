"""Fixtures of the tests over the real stores."""

from tests.kit.ingest_process import process
from tests.kit.profile_process import profile, profile_chain, profile_stores

__all__ = ["process", "profile", "profile_chain", "profile_stores"]
