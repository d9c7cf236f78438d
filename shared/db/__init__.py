"""PostgreSQL: one schema per service, one transaction per message, request or file."""
