"""What a record means and which facts are one. Pure: no clock, no I/O."""
