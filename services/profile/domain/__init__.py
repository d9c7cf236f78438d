"""Pure: what each event says of a client, as rows."""
