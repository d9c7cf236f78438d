"""映射配置 — a profile says how a broker's own table, a file or a query, becomes our events."""
