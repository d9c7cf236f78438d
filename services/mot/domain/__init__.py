"""What mot knows and decides: pure."""
