"""leads: a prospect's path from first contact to first trade. Nothing runs here yet."""
