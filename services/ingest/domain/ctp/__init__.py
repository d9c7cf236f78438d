"""CTP — records of the counter's sequenced streams become canonical events. Pure."""
