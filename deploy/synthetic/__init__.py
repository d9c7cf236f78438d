"""The open synthetic broker: real-format files, a live stream and the messages they must raise.

Everything is made up and follows from a trading day, a seed and a number of accounts. It knows
the formats, the calendar and the public contracts, and nothing of the services it tests.
"""
