"""Spectra as neurophysiology shows them: of signals by Welch's method, of spikes with Slepian tapers."""

import numpy as np

from rldbs.core.arguments import Floats
from rldbs.core.cell_network import Spikes

WINDOW = 1000.0
"""ms of Welch's spectrum, with Hann windows; what is shorter is one window."""
BANDWIDTH, TAPERS = 3.0, 5
"""NW and K of spike spectra: time-half-bandwidth product, and how many tapers."""
SPIKE_WINDOW = 2000.0
"""ms of a window of spikes, in which a peak is NW/2 s = 1.5 Hz wide to either side; what is shorter is one window."""
BIN = 1.0
"""ms of a bin; a spike counts in the two whose middles it lies between, in each the more, the nearer it is. In whole
bins a clock of 130 Hz would seem to beat at 10 and 40 Hz."""
LEAST = 500.0
"""ms in which there is anything to say of a rhythm."""


def welch_spectrum(x: Floats, dt: float) -> tuple[Floats, Floats]:
    """Frequencies in Hz, (F,), and density, (rows, F), of x (rows, steps) in steps of dt ms, by Welch's method: Hann
    windows of a second."""
    from scipy.signal import welch

    samples = min(x.shape[1], round(WINDOW / dt))
    frequency, density = welch(x - x.mean(axis=1, keepdims=True), 1000.0 / dt, nperseg=samples)
    return frequency, density


def spike_spectrum(
    spikes: Spikes, cells: slice, populations: int, dt: float, begin: float, end: float
) -> tuple[Floats, Floats]:
    """How the spikes of a nucleus are spread over frequencies: mean over its cells of each one's own spectrum.

    The multitaper estimate of Thomson (1982) for point processes, as Chronux has it: what a cell fires on average is
    taken off, and of `TAPERS` Slepian sequences of NW = `BANDWIDTH` the mean is taken, and of windows of `SPIKE_WINDOW`
    that overlap by half. Spikes at random have their rate at every frequency.

    Args:
        spikes: of all cells.
        cells: which are those of the nucleus: ``network.model.cells_of("gpi")``.
        populations: how many there are.
        dt: integration step, in ms.
        begin, end: of the stretch, in ms since the network began.

    Returns:
        The frequencies (F,) in Hz, and the density (populations, F) in (spk/s)²/Hz, equal for positive and negative
        frequencies, of which only the former are told.

    Raises:
        ValueError: the stretch is shorter than `LEAST`.
    """
    from scipy.signal.windows import dpss  # takes a second to load

    bins, count = round((end - begin) / BIN), cells.stop - cells.start
    if bins * BIN < LEAST:
        raise ValueError(f"a spectrum of spikes needs at least {LEAST:g} ms, got {end - begin:g}")
    length = min(bins, round(SPIKE_WINDOW / BIN))
    tapers = dpss(length, BANDWIDTH, TAPERS)[:, None, :]
    starts = range(0, bins - length + 1, max(1, length // 2))
    density = np.zeros((populations, length // 2 + 1))
    place = (spikes.sample * dt - begin) / BIN - 0.5
    inside = (spikes.cell >= cells.start) & (spikes.cell < cells.stop) & (place >= -0.5) & (place < bins - 0.5)
    for k in range(populations):
        mine = inside & (spikes.population == k)
        cell, left = spikes.cell[mine] - cells.start, np.floor(place[mine]).astype(np.int64)
        beyond = place[mine] - left
        counts = np.zeros((count, bins + 2))
        np.add.at(counts, (cell, left + 1), 1.0 - beyond)
        np.add.at(counts, (cell, left + 2), beyond)
        counts = counts[:, 1:-1]
        for start in starts:
            part = counts[:, start : start + length]
            waves = np.fft.rfft(tapers * (part - part.mean(axis=1, keepdims=True)))
            density[k] += (waves.real**2 + waves.imag**2).mean(axis=(0, 1)) / (BIN / 1000.0)
    frequency: Floats = np.arange(length // 2 + 1) / (length * BIN / 1000.0)
    smoothed = (2.0 + np.cos(2.0 * np.pi * frequency * BIN / 1000.0)) / 3.0  # what two bins leave of spikes at random
    return frequency, density / len(starts) / smoothed


def power_within(frequency: Floats, density: Floats, band: tuple[float, float]) -> Floats:
    """Power of a density (rows, F) between two frequencies, which belong to it, (rows,)."""
    inside = (frequency >= band[0]) & (frequency <= band[1])
    power: Floats = density[:, inside].sum(axis=1) * (frequency[1] - frequency[0])
    return power
