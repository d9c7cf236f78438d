"""文件 — what is written for a person to keep: sheets and pages, no cell a formula."""
