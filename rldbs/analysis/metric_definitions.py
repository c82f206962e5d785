"""What is reported of an evaluation, and how each number is presented. Imports nothing heavy."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

QUENCHED_ACTIVITY = 0.5
"""Below this activity a population is silenced rather than desynchronised."""
SUPPRESSED = 0.2
"""X counts as suppressed when its std over one period is below this part of the free std."""
QUIET = 0.1
"""The same for the latency, and for the energy and the charge up to then: where S comes to 10."""
RELAPSED = 0.5
"""X counts as relapsed when its std over one period is above this part of the free std."""
NEVER = "never"
"""What a table says of an event that does not come."""


@dataclass(frozen=True)
class Metric:
    """How a metric is presented."""

    label: str
    """Heading in a table."""
    definition: str
    """One line."""
    unit: str
    """Empty for a plain ratio."""
    higher_is_better: bool | None
    """None where neither is."""
    missing: str = "undefined"
    """What a table says where there is no number."""


_DEFINITIONS = {
    "suppression": Metric("S", "std of X, free / stimulated after onset", "", True),
    "suppression_with_onset": Metric("S with onset", "std of X, free / the whole stimulated phase", "", True),
    "floor": Metric(
        "floor", "std of X, free / the same populations without coupling: S of desynchronised neurons", "", None
    ),
    "suppression_over_floor": Metric("S / floor", "S / floor; 1 is as good as desynchronised", "", True),
    "activity": Metric(
        "activity",
        f"mean over neurons of std of x_i, stimulated after onset / free; quenched below {QUENCHED_ACTIVITY}",
        "",
        True,
    ),
    "synchrony_free": Metric("χ free", "Golomb's χ, sqrt(var X / mean over neurons of var x_i), free phase", "", None),
    "synchrony_stimulated": Metric(
        "χ stimulated", "Golomb's χ, sqrt(var X / mean over neurons of var x_i), after onset", "", False
    ),
    "mean_abs_kick": Metric("mean |kick|", "mean of |kick| per integration step, after onset", "x", False),
    "rms_kick": Metric("rms kick", "root mean square of the kick per integration step, after onset", "x", False),
    "net_charge": Metric(
        "net charge", "|sum of kicks| / sum of |kick|, whole stimulated phase; 0 is balanced", "", False
    ),
    "time_to_suppression": Metric(
        "time to suppression",
        f"steps from the start of stimulation until std of X over one period is below {SUPPRESSED} of free",
        "steps",
        False,
        NEVER,
    ),
    "latency": Metric(
        "latency",
        f"steps from the start of stimulation until std of X over one period is below {QUIET} of free",
        "steps",
        False,
        NEVER,
    ),
    "energy_to_suppress": Metric(
        "energy to suppress", "sum of kick² from the start of stimulation to the latency", "x²", False, NEVER
    ),
    "charge_to_suppress": Metric(
        "charge to suppress", "sum of |kick| from the start of stimulation to the latency", "x", False, NEVER
    ),
    "relapse_time": Metric(
        "relapse time",
        f"steps from the end of stimulation until std of X over one period is above {RELAPSED} of free",
        "steps",
        True,
        NEVER,
    ),
    "reward": Metric("reward", "mean reward of an environment step, whole stimulated phase", "", True),
}

METRICS: Mapping[str, Metric] = MappingProxyType(_DEFINITIONS)
"""Every key of `measure`, in the order of the tables."""

OSCILLATOR_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "order_free": Metric("R free", "mean of the order parameter |mean exp(iθ)|, free phase", "", None),
        "order": Metric("R", "mean of the order parameter |mean exp(iθ)|, after onset", "", False),
        "order_over_floor": Metric(
            "R / floor", "R in units of √π / (2·√N), what as many oscillators have by chance", "", False
        ),
        "order_within": Metric("R within", "mean over clusters of their own R, after onset", "", False),
        "band_power": Metric(
            "band power", "power of X from model.band[0] to model.band[1] Hz, after onset / free", "", False
        ),
        "total_power": Metric(
            "total power",
            "power of X from 1 to 60 Hz, of slow rhythms from a third of the band on, after onset / free",
            "",
            None,
        ),
        "peak_free": Metric("peak free", "frequency of the highest power, free phase", "Hz", None),
        "peak_frequency": Metric("peak", "frequency of the highest power, after onset", "Hz", None),
        "firing": Metric("firing", "how fast phases advance, after onset / free; quenched below 0.5", "", None),
    }
)
"""What phase oscillators have beside them."""

_NUCLEI = {"th": "TH", "stn": "STN", "gpe": "GPe", "gpi": "GPi"}
_OF_GROUP = re.compile(r"(rate|cv)_([A-Za-z][A-Za-z0-9_]{0,23})", re.ASCII)


def _of_group(kind: str, label: str) -> Metric:
    """How the rate of the cells of a group, or the CV of their intervals, is presented."""
    if kind == "rate":
        return Metric(f"{label} rate", f"spikes of a cell of {label} in a second, after onset", "Hz", None)
    told = f"coefficient of variation of intervals between spikes of {label}, after onset"
    return Metric(f"{label} CV", told, "", None)


class _Metrics(dict[str, Metric]):
    """Metrics by key, and rates and CVs of a user's groups, whatever these are called. Only the former are listed."""

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (isinstance(key, str) and _OF_GROUP.fullmatch(key) is not None)

    def __missing__(self, key: str) -> Metric:
        found = _OF_GROUP.fullmatch(key)
        if found is None:
            raise KeyError(key)
        return _of_group(found[1], found[2])


NETWORK_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "error_index_free": Metric(
            "EI free", "error index: errors of thalamic cells for each sensorimotor pulse, free phase", "", None
        ),
        "error_index": Metric("EI", "the same, after onset; 0 wherever stimulation is effective", "", False),
        **{f"{kind}_{name}": _of_group(kind, label) for kind in ("rate", "cv") for name, label in _NUCLEI.items()},
        **{
            f"spike_power_{name}{when}": Metric(
                f"{_NUCLEI[name]} spike power{told}",
                f"power of spikes of {_NUCLEI[name]} from model.band[0] to model.band[1] Hz, {phase}: mean over cells, "
                "multitaper (NW 3, 5 tapers) in windows of 2 s",
                "(spk/s)²",
                None,
            )
            for when, told, phase in (("_free", " free", "free phase"), ("", "", "after onset"))
            for name in ("stn", "gpe", "gpi")
        },
        "charge_per_phase": Metric(
            "charge per phase", "mean over phases of pulses of what each one brings, after onset", "nC/cm²", None
        ),
    }
)
"""What networks of cells have."""

_WHEN = {"_free": "free phase", "": "after onset", "_after": "last second of the relaxed phase"}

PLASTIC_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "synchrony_after": Metric("χ at the end", "Golomb's χ, last second of the relaxed phase", "", False),
        "relapsed": Metric(
            "relapsed", f"1 where χ at the end is above {RELAPSED} of free; else 0: desynchronisation lasts", "", False
        ),
        "charge_to_last": Metric("charge to last", "charge, where desynchronisation lasts", "mV·s", False, NEVER),
        "time_to_last": Metric(
            "time to last", "how long stimulation has taken, where desynchronisation lasts", "s", False, NEVER
        ),
        "charge": Metric("charge", "integral of |kick|, both signs, whole stimulated phase", "mV·s", False),
        "stimulation_time": Metric("stimulated for", "from the start of stimulation to its last pulse", "s", False),
        "coupling_free": Metric("J·w free", "J·w at the end of the free phase", "mV", None),
        "coupling_stimulated": Metric("J·w stimulated", "J·w at the end of the stimulated phase", "mV", None),
        "coupling_after": Metric("J·w at the end", "J·w at the end of the relaxed phase", "mV", None),
        **{
            f"rate_{name}{when}": Metric(
                f"{name.upper()} rate{told}",
                f"spikes of a neuron of {name.upper()} in a second, {_WHEN[when]}",
                "Hz",
                None,
            )
            for name in "ei"
            for when, told in (("_free", " free"), ("", ""), ("_after", " at the end"))
        },
    }
)
"""What networks with plastic synapses have."""
RATE_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "burst_time_free": Metric(
            "burst time free",
            "part of the time within bursts, of at least 100 ms, free phase: amplitude of X in model.band above its "
            "75th percentile",
            "",
            None,
        ),
        "burst_time": Metric("burst time", "the same after onset, above the percentile of the free phase", "", False),
        "burst_duration_free": Metric("burst duration free", "mean duration of bursts, free phase", "ms", None),
        "burst_duration": Metric("burst duration", "the same after onset; 0 where there are none", "ms", False),
        "burst_rate_free": Metric("burst rate free", "bursts in a second, free phase", "Hz", None),
        "burst_rate": Metric("burst rate", "the same after onset", "Hz", False),
        "beta_power_free": Metric(
            "β power free", "power of X from model.band[0] to model.band[1] Hz, free phase", "(spk/s)²", None
        ),
        "beta_power": Metric("β power", "the same after onset", "(spk/s)²", False),
        "duty": Metric("duty", "part of the integration steps with a current, after onset", "", False),
    }
)
"""What rate models have."""
EVERY_METRIC: Mapping[str, Metric] = MappingProxyType(
    _Metrics({**METRICS, **OSCILLATOR_METRICS, **NETWORK_METRICS, **PLASTIC_METRICS, **RATE_METRICS})
)
"""All by key; further every ``rate_…`` and ``cv_…`` of a group of a user's network, which is not listed."""
LISTED = frozenset(EVERY_METRIC)


def known_metrics(keys: Collection[str]) -> list[str]:
    """Those of some keys that are metrics: in the order of the tables, those of a user's groups behind them."""
    groups = [key for key in keys if key in EVERY_METRIC and key not in LISTED]
    return [*(key for key in EVERY_METRIC if key in keys), *groups]


_OF_RATES = (
    *(key for key in RATE_METRICS if key != "duty"),
    "band_power",
    "peak_free",
    "peak_frequency",
    "rms_kick",
    "mean_abs_kick",
    "duty",
    "net_charge",
    "rate_stn",
    "rate_gpe",
    "activity",
    "suppression",
    "reward",
)
_OF_NETWORKS = (
    "error_index_free",
    "error_index",
    "rms_kick",
    *(key for key in NETWORK_METRICS if not key.startswith("error") and not key.endswith("_free")),
    "band_power",
    "synchrony_free",
    "synchrony_stimulated",
    "activity",
    "net_charge",
    "mean_abs_kick",
    "reward",
)
_OF_PLASTIC = (
    "synchrony_free",
    "synchrony_stimulated",
    *PLASTIC_METRICS,
    "net_charge",
    "mean_abs_kick",
    "activity",
    "reward",
)
_OWN = {"error_index": _OF_NETWORKS, "relapsed": _OF_PLASTIC, "burst_time": _OF_RATES}
"""What is shown of models that have such a metric: S is not what stimulation of them is for."""


def shown_metrics(keys: Collection[str]) -> list[str]:
    """The metrics of a measurement that tables show, in their order.

    Args:
        keys: those that it has.
    """
    for own, shown in _OWN.items():
        if own in keys:
            return [*(key for key in shown if key in keys), *(key for key in known_metrics(keys) if key not in LISTED)]
    return known_metrics([*METRICS, *keys])


VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "suppressed": "the order parameter is less than half of the free one",
        "shifted": "power has left the band, but the order parameter is nearly as it was: the rhythm only moved",
        "quenched": "phases are arrested, not desynchronised",
    }
)
"""What stimulation may have done to phase oscillators."""
