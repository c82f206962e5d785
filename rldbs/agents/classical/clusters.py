"""Parts of a population in which all are taken to be alike: what reaches them, who hears them, how they respond."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rldbs.agents.classical.resonator import Phasor
from rldbs.core.errors import SettingError
from rldbs.core.model_settings import PhaseSettings, is_local_x
from rldbs.core.native import Floats
from rldbs.core.space import Contacts
from rldbs.core.tissue import Response, distances


@dataclass(frozen=True)
class Clusters:
    """Clusters of oscillators.

    Args:
        weights: parts of all oscillators that are in each, float64 (clusters,).
        reach: how much of a contact's stimulation reaches each, on average, float64 (contacts, clusters).
        heard: by the name of a variable that is x, how much of each cluster's x is in it, float64 (clusters,).
    """

    weights: Floats
    reach: Floats
    heard: dict[str, Floats]

    def apart(self, variables: Sequence[str], regularisation: float) -> Floats:
        """What makes estimates of each cluster's x of recorded variables: M'·(M·M' + λ)⁻¹ for their mixture M.

        With fewer variables than clusters, the least that explains what is recorded.

        Args:
            variables: their names, all of them x.
            regularisation: λ, in units of the mean of the diagonal of M·M'.

        Returns:
            float64 (clusters, variables).

        Raises:
            SettingError: one is no x, or two of them tell the same and nothing is regularised.
        """
        for name in variables:
            if not is_local_x(name):
                raise SettingError(f"agent=acd: recording.variable={name}: must be one of {', '.join(self.heard)}")
        mixture = np.array([self.heard[name] for name in variables])
        squares = (mixture[:, None] * mixture[None]).sum(axis=2)
        squares[np.diag_indices(len(squares))] += regularisation * np.trace(squares) / len(squares)
        inverse = inverted(squares)
        if inverse is None:
            raise SettingError(
                f"agent.regularisation={regularisation:g}: must be larger: recorded variables tell the same of the "
                f"clusters, {', '.join(variables)}"
            )
        return np.asarray((mixture.T[:, :, None] * inverse[None]).sum(axis=1))


def clusters_of(model: PhaseSettings) -> Clusters:
    """The clusters of a tissue; where it has none, the neurons nearest to each contact, or all of them."""
    tissue, slices = model.tissue, model.space.tissue.clusters(model.neurons)
    member = np.zeros((max(1, len(slices)), tissue.neurons))
    for row, cluster in zip(member, slices, strict=False):
        row[cluster] = 1.0
    if not slices:
        member = _nearest(model)
    sizes = member.sum(axis=1)
    reach = (tissue.conductance[:, None] * member[None]).sum(axis=2) / sizes
    hearing = (tissue.recording[:, None] * member[None]).sum(axis=2)
    names = ["x", *(name for name in model.model.variable_names[3:] if is_local_x(name))]
    return Clusters(sizes / tissue.neurons, reach, dict(zip(names, hearing, strict=True)))


def order_rates(orders: Phasor, clusters: Clusters, response: Response) -> Floats:
    """How the order parameter R of all changes with the stimulation of each contact, dR / dt over u.

    Half the sum over clusters s of T_s·w_s·A_s, where, with z_s = ρ_s·exp(iψ_s) and the phase ψ of all,
    A_s = Im Σ_m (a_m − i·b_m)·(z_s^(m−1)·exp(iψ) − z_s^(m+1)·exp(−iψ)), without the first term where m = 0: exact for
    phases with ⟨exp(imθ)⟩ = z_s^m. Weerasinghe et al., PLOS Comput. Biol. 17(8), e1009281 (2021).

    Args:
        orders: z_s, x and y float64 (clusters, environments) each.
        clusters: what they are.
        response: their phase response curve.

    Returns:
        float64 (contacts, environments).
    """
    whole = [np.zeros(orders.x.shape[1]), np.zeros(orders.x.shape[1])]
    for weight, x, y in zip(clusters.weights, *orders, strict=True):
        whole = [whole[0] + weight * x, whole[1] + weight * y]
    length = np.sqrt(whole[0] * whole[0] + whole[1] * whole[1])
    cosine, sine = (np.divide(each, length, out=np.zeros_like(each), where=length > 0) for each in whole)
    change = np.zeros_like(orders.x)
    before: tuple[Floats, Floats] | None = None
    power = (np.ones_like(orders.x), np.zeros_like(orders.x))
    for a, b in zip(*response.fourier, strict=True):
        after = _times(power, orders)
        up = _times((cosine, -sine), after)
        change -= a * up[1] - b * up[0]
        if before is not None:
            down = _times((cosine, sine), before)
            change += a * down[1] - b * down[0]
        before, power = power, after
    rates = np.zeros((len(clusters.reach), orders.x.shape[1]))
    for reach, weight, row in zip(clusters.reach.T, clusters.weights, change, strict=True):
        rates += 0.5 * weight * reach[:, None] * row
    return rates


def inverted(matrix: Floats) -> Floats | None:
    """The inverse of a positive definite matrix, by elimination in a fixed order; None where there is none."""
    size, rows = len(matrix), np.concatenate([matrix, np.eye(len(matrix))], axis=1)
    least = 1e-12 * float(np.abs(matrix).max(initial=0.0))
    for k in range(size):
        if not rows[k, k] > least:
            return None
        rows[k] = rows[k] / rows[k, k]
        for other in range(size):
            if other != k:
                rows[other] = rows[other] - rows[other, k] * rows[k]
    return np.ascontiguousarray(rows[:, size:])


def _nearest(model: PhaseSettings) -> Floats:
    """Which oscillators are nearest to each contact that is nearest to any, float64 (clusters, oscillators)."""
    electrode, where = model.space.electrode, model.tissue.positions
    if not isinstance(electrode, Contacts) or where is None:
        return np.ones((1, model.neurons))
    nearest = distances(np.array(electrode.contacts), where).argmin(axis=0)
    member = (nearest[None] == np.arange(len(electrode.contacts))[:, None]).astype(np.float64)
    return np.asarray(member[member.any(axis=1)])


def _times(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """The product of complex numbers in real and imaginary parts: NumPy's own may differ between processors."""
    (a, b), (c, d) = one, other
    return a * c - b * d, a * d + b * c
