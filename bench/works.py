"""The workloads by name."""

from bench.workloads import fraud, mixed, withdrawals
from bench.workloads.work import Work

WORKS: dict[str, Work] = {"w1": withdrawals.WORK, "w2": mixed.WORK, "fd": fraud.WORK}
