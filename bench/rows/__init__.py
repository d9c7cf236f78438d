"""What ``make bench NAME=…`` can run, one file a row."""
