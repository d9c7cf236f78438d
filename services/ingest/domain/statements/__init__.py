"""交易结算单 — what a broker's settlement statement, a text for people, says of one account."""
