"""ingest — a broker's records become canonical events, each exactly one time, in order."""
