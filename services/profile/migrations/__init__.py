"""The schema ``profile``, version by version."""
