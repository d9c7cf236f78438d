"""notify: who hears of an alert, by what, when; sends it, and can prove it."""
