"""Developers' commands that write committed files; nothing here runs in production."""
