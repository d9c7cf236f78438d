"""映射配置的例子 — examples of mapping profiles, to be copied into a folder of your own."""
