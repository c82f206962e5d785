"""A look at free rate models: their rates, their rhythm and its bursts, beside health."""

from dataclasses import replace

import numpy as np

from rldbs.analysis.bursts import amplitude, bursts, threshold
from rldbs.analysis.free_recording import FreeRecording
from rldbs.analysis.rate_metrics import power_and_peak
from rldbs.core.native import Floats
from rldbs.core.rate_ensemble import RateEnsemble
from rldbs.core.rate_settings import RateSettings
from rldbs.experiment.command_settings import SimulateSettings
from rldbs.experiment.free_populations import Look
from rldbs.files.file import File

AT_ONCE = 4096
"""Steps of a call."""


def look_at_rates(settings: SimulateSettings) -> Look:
    """Run free populations after their transient."""
    model = settings.model
    assert isinstance(model, RateSettings)
    ensemble, field = _run(settings, model)
    dt, band, x = model.dt, model.rhythm, field[:, :, 0]
    found = amplitude(x, dt, band)
    seen = bursts(found, threshold(found), dt)
    power, peak = power_and_peak(x, dt, band)
    measured = {
        "rate_stn": x.mean(axis=1),
        "rate_gpe": field[:, :, 1].mean(axis=1),
        "std": x.std(axis=1),
        "peak_frequency": peak,
        "beta_power": power,
        "burst_duration": seen.duration,
        "burst_rate": seen.rate,
        "burst_time": seen.part,
    }
    shown = {
        "rate_stn": ("rate of STN", " spk/s"),
        "rate_gpe": ("rate of GPe", " spk/s"),
        "std": ("std of STN", " spk/s"),
        "peak_frequency": ("most power at", " Hz"),
        "beta_power": (f"power from {band[0]:g} to {band[1]:g} Hz", " (spk/s)²"),
        "burst_duration": ("a burst lasts", " ms"),
        "burst_rate": ("bursts a second", ""),
        "burst_time": ("part of time in bursts", ""),
    }

    def draw(place: File) -> None:
        from rldbs.analysis.plots.rate_picture import Free, free_rates_picture

        states = [Free(model.label(f"{model.coupling:g}"), field)]
        if model.coupling:
            states.append(Free("healthy", _run(settings, replace(model, state="healthy"))[1]))
        told = f"free · noise {model.noise:g} spk/s · bursts: above the 75th percentile, 100 ms or more"
        free_rates_picture(tuple(states), dt, band, place, model.model.title, f"{told} · seed {settings.seed}")

    recording = FreeRecording(
        field=field.astype(np.float32),
        time=dt * np.arange(settings.steps, dtype=np.float64),
        dt=dt,
        time_unit=model.model.time_unit,
        variables=model.model.variable_names,
        raster=x[:1].T.astype(np.float32),
        raster_stride=1,
        threshold=model.model.threshold,
    )
    return Look(recording, measured, shown, {"picture": ("free.png", draw)}, ensemble)


def _run(settings: SimulateSettings, model: RateSettings) -> tuple[RateEnsemble, Floats]:
    """Populations of a state, and their rates, float64 (populations, steps, 2)."""
    ensemble = RateEnsemble(model, settings.populations, settings.seed, threads=settings.threads)
    parts = [
        ensemble.advance(ensemble.quiet(min(AT_ONCE, settings.steps - begin)))
        for begin in range(0, settings.steps, AT_ONCE)
    ]
    return ensemble, np.concatenate(parts, axis=1)
