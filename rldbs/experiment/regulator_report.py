"""What an identified model predicts, how far it errs, what its regulators promise, and what they keep."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from rldbs.agents.learned_controller import several_controllers
from rldbs.agents.regulator.promise import Promise, model_of, promised
from rldbs.agents.settings.lqg import LQGSettings
from rldbs.analysis.episode_statistics import summary
from rldbs.analysis.three_digits import three_digits
from rldbs.analysis.tradeoff import TRADED
from rldbs.core.errors import DivergedError
from rldbs.experiment.command_settings import TrainSettings
from rldbs.experiment.evaluate import Metrics
from rldbs.experiment.measures import measures_of
from rldbs.experiment.optional_picture import drawn
from rldbs.experiment.protocol import measure_controllers
from rldbs.files.csv_table import csv_bytes
from rldbs.files.folder import Folder
from rldbs.process.plurals import counted
from rldbs.runs.checkpoint import find_checkpoint, read_checkpoint
from rldbs.runs.json_fields import FRONT
from rldbs.runs.record import write_json

AT_ONCE = 128
"""Populations, those of each price, that are measured at once: what is recorded of them has to fit into memory."""
MODEL, PICTURE = "model.json", "model.png"
Kind = Mapping[str, Any]
"""Summaries by metric."""


def report_regulators(settings: TrainSettings, agent: LQGSettings, folder: Folder, own: Metrics, say: Console) -> None:
    """Write model.json, model.png and, where there are several prices, front.csv; show the table of the prices.

    Args:
        settings: of the run, which has been trained and measured.
        agent: its agent.
        folder: of the run.
        own: what was measured of it with the price that was chosen.
        say: where the table is shown.
    """
    read = read_checkpoint(find_checkpoint(folder, "best"), ["policy"], 2**30)
    weights = read.tensors["policy"]
    chosen = int(weights["chosen"])
    shown = [*range(len(agent.prices))] if agent.identified else [chosen]  # a search has made one policy of all
    kinds = _measured(settings, agent, weights, [k for k in shown if k != chosen])
    kinds[chosen] = own["deterministic"]
    model = model_of(agent, settings.loop, weights, chosen)
    poles = model.poles()
    content = {
        "order": model.order,
        "inputs": len(model.inputs),
        "kick_unit": settings.loop.model.model.kick_unit,
        "error_one_step": float(weights["error"][chosen]),
        "error_one_period": float(weights["period_error"][chosen]),
        "signal_std": float(weights["deviation"][chosen]),
        "poles": [[float(pole.real), float(pole.imag)] for pole in poles],
        "prices": [
            _row(settings, agent, k, promised(agent, settings.loop, weights, k), kinds.get(k), k == chosen)
            for k in shown
        ],
    }
    write_json(folder.file(MODEL), content)
    if len(shown) > 1:
        _write_front(settings, agent, kinds, chosen, folder)
    console_table(content, say)

    def draw() -> None:
        from rldbs.analysis.plots.identified_model import model_picture

        order, populations = content["order"], counted(settings.protocol.episodes, "unseen population")
        subtitle = f"identified model of order {order}, and its prices of control on {populations}"
        model_picture(content, folder.file(PICTURE), settings.loop.model.model.title, subtitle)

    lines: list[str] = []
    if drawn(PICTURE, draw, lines.append):
        say.print(f"model    {folder.file(PICTURE)}", soft_wrap=True, highlight=False, markup=False)
    for line in lines:
        say.print(line, soft_wrap=True, highlight=False, markup=False)


def console_table(content: Mapping[str, Any], console: Console) -> None:
    """Show what the model predicts, and its prices."""
    outside = sum(abs(complex(*pole)) > 1.0 for pole in content["poles"])
    far, signal = content["error_one_period"], content["signal_std"]
    ahead = three_digits(far) if far < signal else "more than the signal itself"
    console.print(
        f"model of order {content['order']}: errs by {three_digits(content['error_one_step'])} one step ahead, "
        f"{ahead} one period ahead, of a signal of {three_digits(signal)}; "
        f"{outside} of {len(content['poles'])} poles outside the unit circle",
        soft_wrap=True,
        highlight=False,
    )
    own = {"order": "R"} if any("order" in row for row in content["prices"]) else {}
    columns = {"promised_suppression": "S promised", "suppression": "S", **own}
    columns |= {
        "promised_mean_abs_kick": "mean |kick| promised",
        "mean_abs_kick": "mean |kick|",
        "activity": "activity",
    }
    table = Table("price", *columns.values(), box=None)
    for row in content["prices"]:
        words = [f"{row['price']:g}{' *' if row['chosen'] else ''}"]
        table.add_row(*words, *("–" if row[key] is None else three_digits(row[key]) for key in columns))
    console.print(table)


def _row(
    settings: TrainSettings, agent: LQGSettings, k: int, promise: Promise | None, kind: Kind | None, chosen: bool
) -> dict[str, Any]:
    keys = ("suppression", *(["order"] if settings.loop.model.oscillates else []), "mean_abs_kick", "activity")
    return {
        "price": agent.prices[k],
        "chosen": chosen,
        "promised_suppression": None if promise is None else promise.suppression,
        "promised_mean_abs_kick": None if promise is None else promise.mean_abs_kick,
        **{key: None if kind is None else kind[key]["iqm"] for key in keys},
    }


def _measured(
    settings: TrainSettings, agent: LQGSettings, weights: Mapping[str, Any], prices: list[int]
) -> dict[int, Kind]:
    """Summaries of the prices, by number, on the populations of the protocol; without those that drive one away."""
    found: dict[int, Kind] = {}
    protocol = replace(settings.protocol, relaxed=0)
    count = max(1, AT_ONCE // protocol.episodes)
    for begin in range(0, len(prices), count):
        some = prices[begin : begin + count]
        try:
            found |= _together(settings, agent, weights, some, protocol)
        except DivergedError:
            for one in some:
                try:
                    found |= _together(settings, agent, weights, [one], protocol)
                except DivergedError:
                    continue
    return found


def _together(
    settings: TrainSettings, agent: LQGSettings, weights: Mapping[str, Any], prices: list[int], protocol: Any
) -> dict[int, Kind]:
    several = [{**weights, "chosen": np.full_like(weights["chosen"], k)} for k in prices]
    controllers = several_controllers(agent, settings.loop, several, protocol.episodes)
    trajectories = measure_controllers(settings.loop, protocol, controllers, settings.threads)
    return {
        price: {key: summary(values) for key, values in measures_of(trajectory, settings.loop.model).items()}
        for price, trajectory in zip(prices, trajectories.values(), strict=True)
    }


def _write_front(
    settings: TrainSettings, agent: LQGSettings, kinds: Mapping[int, Kind], chosen: int, folder: Folder
) -> None:
    """Write what was measured of every price as a search writes its front; the last row is the one that acts."""
    sought = settings.checkpoints.tradeoff
    columns = tuple(key for key in dict.fromkeys((*sought.metrics, *TRADED)) if key in kinds[chosen])
    rows: list[list[object]] = [["trial", "agent.price", *(f"{key}_unseen" for key in columns)]]
    for k in sorted(kinds, key=lambda k: (k == chosen, k)):
        values = {
            **sought.iqms(kinds[k]),
            **{key: kinds[k][key]["iqm"] for key in columns if key not in sought.metrics},
        }
        numbers = ["" if values[key] is None or not np.isfinite(values[key]) else values[key] for key in columns]
        rows.append([k, f"{agent.prices[k]:g}", *numbers])
    with folder.file(FRONT).whole() as out:
        out.write(csv_bytes(rows))
