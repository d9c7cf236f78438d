"""What operators ask of notify: ``guanchao notify``."""
