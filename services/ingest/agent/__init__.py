"""The handlers: open the books, recall, ask the domain, write down. One call, one transaction."""
