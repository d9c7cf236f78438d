"""FD: fraud detection as DSPBench defines it (GMAP/DSPBench, IEEE Access 2020), records from Kafka.

A record is ``entity,record,state``: 46,656 entities, 18 states. For each entity the last five
states are kept; with five at hand the score is the mean, over the four transitions, of the
probability mass that the Markov model gives to all the other next states. Above 0.96: an alert.

The definition's generator draws states uniformly; a model trained on that is flat (each miss
probability 17/18 = 0.944) and would never alert, while with the ``model.txt`` that DSPBench ships
a third of all windows do. So the model is ours: integer weights from 60 to
140, seeded, each row made to sum to one; about one full window in a hundred scores above the line.
``python -m bench.workloads.fraud`` writes it to ``fraud_model.json``, published beside this code.
The definition is DSPBench's, the model and its share of alerts are not: the figures compare the
sides of one run here, and nothing with results that others have of DSPBench.
"""

import json
import random
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add
from pathlib import Path

from bench.workloads.work import Entry, Parsed, Work

MODEL = Path(__file__).with_name("fraud_model.json")
STATES = [a + b + c for a in "LMH" for b in "NH" for c in "LNS"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
WINDOW, THRESHOLD, SEED = 5, 0.96, 71

State = tuple[int, ...]
"""The last states, oldest first, at most four: the fifth is the event's."""


def model() -> dict[str, list[list[float]]]:
    """Return the transition probabilities, previous state by next, in the order of ``STATES``."""
    chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
    weights = [[chance.randint(60, 140) for _ in STATES] for _ in STATES]
    return {"transitions": [[w / sum(row) for w in row] for row in weights]}


def misses(transitions: list[list[float]]) -> list[list[float]]:
    """Return, previous by next, the probability of all the other states.

    Added one by one in order, as any language does it (Python 3.12's ``sum`` is more exact).
    """
    size = range(len(transitions))
    return [
        [reduce(add, (row[j] for j in size if j != current), 0.0) for current in size]
        for row in transitions
    ]


_MISS = misses(json.loads(MODEL.read_text())["transitions"] if MODEL.exists() else [])
_NUMBER = {name.encode(): number for number, name in enumerate(STATES)}


def generate(count: int) -> Iterator[Entry]:
    chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
    entities = [a + b + c for a in LETTERS for b in LETTERS for c in LETTERS]
    for number in range(count):
        entity = chance.choice(entities)
        value = f"{entity},{number:012d},{chance.choice(STATES)}"
        yield Entry(entity.encode(), value.encode())


def parse(_: bytes | None, value: bytes) -> Parsed:
    entity, rest = value.split(b",", 1)
    record, state = rest.split(b",")
    return entity.decode(), (record, _NUMBER[state])


def step(state: State | None, event: tuple[bytes, int]) -> tuple[State, Sequence[bytes]]:
    record, current = event
    past = state or ()
    if len(past) < WINDOW - 1:
        return (*past, current), ()
    a, b, c, d = past
    score = (_MISS[a][b] + _MISS[b][c] + _MISS[c][d] + _MISS[d][current]) / (WINDOW - 1)
    return (b, c, d, current), (record,) if score > THRESHOLD else ()


WORK = Work(generate, parse, step, list, tuple, bytes.decode)

if __name__ == "__main__":
    rows = ",\n".join(json.dumps(row) for row in model()["transitions"])
    MODEL.write_text(f'{{"transitions": [\n{rows}\n]}}\n')
