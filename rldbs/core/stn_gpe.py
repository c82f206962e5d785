"""The loop of STN and GPe as two rates with delays, of Nevado-Holgado, Terry and Bogacz (2010): its constants.

Nevado-Holgado, Terry, Bogacz, Conditions for the generation of beta oscillations in the subthalamic nucleus–globus
pallidus network, J. Neurosci. 30, 12340–12352 (2010). The paper itself was not at hand: the constants were compared
with two public programs of it, one of which names its Tables 1 and 3 and Equations 3 and 5. They agree. The noise is
not the paper's.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Nuclei(NamedTuple):
    """A number of STN, and one of GPe."""

    stn: float
    gpe: float


@dataclass(frozen=True)
class Weights:
    """How strongly the nuclei are connected, and what reaches them from elsewhere, in spk/s."""

    stn_gpe: float
    gpe_stn: float
    gpe_gpe: float
    cortex: float
    """Into STN."""
    striatum: float
    """Taken off what reaches GPe."""


CORTEX_RATE, STRIATUM_RATE = 27.0, 2.0
"""spk/s."""
HEALTHY = Weights(19.0, 1.12, 6.6, 2.42 * CORTEX_RATE, 15.1 * STRIATUM_RATE)
DISEASED = Weights(20.0, 10.7, 12.3, 9.2 * CORTEX_RATE, 139.4 * STRIATUM_RATE)
TIME_CONSTANTS = Nuclei(6.0, 14.0)
"""ms."""
LARGEST = Nuclei(300.0, 400.0)
"""spk/s that a nucleus comes to at most, M."""
RESTING = Nuclei(17.0, 75.0)
"""spk/s without input, B."""
