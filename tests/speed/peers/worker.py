"""A peer in a process of its own, in the peers' environment: python -m tests.speed.peers.worker PEER

Answers one line of JSON for each line of JSON on the standard input:
``{"problem": …}`` → ``{"versions": …}``, ``{"kicks": […]}`` → ``{"mean": […]}``,
``{"steps": n, "calls": n}`` → ``{"seconds": […]}``, the time of a step in each call.
"""

import json
import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.speed.peers.population import Population, Problem


def answer(population: Population, request: dict[str, Any]) -> dict[str, Any]:
    if "kicks" in request:
        return {"mean": population.advance(np.array(request["kicks"])).tolist()}
    return {"seconds": population.seconds(request["steps"], request["calls"])}


def main(name: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a tool prints is no answer
    kind: type[Population] = getattr(import_module(f"tests.speed.peers.with_{name}"), f"{name.title()}Population")
    population = kind(Problem(**json.loads(sys.stdin.readline())["problem"]))
    reply: dict[str, Any] = {"versions": {tool: version(tool) for tool in kind.versions}}
    while True:
        answers.write(json.dumps(reply) + "\n")
        answers.flush()
        line = sys.stdin.readline()
        if not line:
            return
        reply = answer(population, json.loads(line))


if __name__ == "__main__":
    main(sys.argv[1])
