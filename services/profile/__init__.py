"""profile: everything known about a client. Nothing runs here yet."""
