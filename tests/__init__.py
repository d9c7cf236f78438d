"""Tests: see CONTRIBUTING.md for what belongs where."""
