"""The trade's vocabulary: money, trading days, masks and identities. Pure: no clock, no I/O."""
