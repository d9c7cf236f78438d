"""Measurements: our way and others' on the same work, in turns of one run; raw data are kept."""
