"""Colours of phases: a circle of hues, dark where cos θ is high, as x is in a raster."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 24
"""Colours of the circle: as many as can be told apart, and as a GIF has room for."""
LIGHTNESS, SWING, CHROMA = 0.655, 0.165, 0.12
"""Of the circle, in OKLab: lightness in the middle and how far it goes from there; how colourful it is."""
DARKEST = 260.0
"""Hue of θ = 0, in degrees: a blue; that of θ = π is opposite, a yellow, which light colours can be."""

# B. Ottosson, A perceptual color space for image processing (2020): from OKLab to cones' responses, and to linear sRGB.
_CONES = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_SCREEN = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def _circle() -> Floats:
    """The colours of equally spaced phases from 0 on, float64 (STEPS, 3): sRGB from 0 to 1."""
    way = np.linspace(0.0, 2 * np.pi, 100 * STEPS + 1)
    hue = np.radians(DARKEST) + way
    lab = np.stack([LIGHTNESS - SWING * np.cos(way), CHROMA * np.cos(hue), CHROMA * np.sin(hue)], axis=1)
    linear = np.clip((lab @ _CONES.T) ** 3 @ _SCREEN.T, 0.0, 1.0)  # a few greens are more than a screen has
    seen = np.cbrt(linear @ np.linalg.inv(_SCREEN.T)) @ np.linalg.inv(_CONES.T)
    length = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(seen, axis=0), axis=1)))
    chosen = linear[np.searchsorted(length, length[-1] * np.arange(STEPS) / STEPS)]
    return np.asarray(np.where(chosen <= 0.0031308, 12.92 * chosen, 1.055 * chosen ** (1 / 2.4) - 0.055))


CIRCLE = _circle()
"""Colours of the phases 0, 2π/24, …: float64 (24, 3), sRGB. Equal steps of phase look equally far apart: in OKLab."""


def phase_colours(phase: Floats) -> Floats:
    """The colour of each phase θ in rad: float64 (…, 3), sRGB. White where θ is not finite."""
    known = np.isfinite(phase)
    index = np.rint(np.where(known, phase, 0.0) * (STEPS / (2 * np.pi))).astype(np.int64) % STEPS
    return np.where(known[..., None], CIRCLE[index], 1.0)
