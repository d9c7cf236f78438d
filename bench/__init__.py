"""Measurements, each a ratio of two sides taken in turn in one run; raw data are kept."""
