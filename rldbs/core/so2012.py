"""The basal ganglia and thalamus of So, Kent and Grill (2012): groups, projections, currents, sensorimotor pulses.

So, Kent, Grill, Relative contributions of local cell and passing fiber activation and silencing to changes in thalamic
fidelity during deep brain stimulation and lesioning: a computational modeling study, J. Comput. Neurosci. 32, 499–519
(2012). Constants and the order of operations are those of the program that the authors have published (ModelDB 141699):
the tables that were printed have misprints.
"""

from rldbs.core.cells import GPE, GPI, STN, TH
from rldbs.core.network_model import Group, NetworkModel, Potential, Projection, Pulses
from rldbs.core.synapse_patterns import on_a_ring

CELLS_EACH = 10

SO2012 = NetworkModel(
    name="so2012",
    title="Basal ganglia and thalamus, So, Kent, Grill 2012",
    groups=(
        Group("th", "TH", TH, CELLS_EACH, 0.0, 0.0),
        Group("stn", "STN", STN, CELLS_EACH, 33.0, 23.0),
        Group("gpe", "GPe", GPE, CELLS_EACH, 21.0, 8.0, spread=2.0),
        Group("gpi", "GPi", GPI, CELLS_EACH, 22.0, 16.0),
    ),
    projections=(
        Projection("gpi", "s", "th", "gaba", 1.4 * 0.08, on_a_ring(CELLS_EACH, CELLS_EACH, (0,))),
        Projection("gpe", "s", "stn", "gaba", 0.5, on_a_ring(CELLS_EACH, CELLS_EACH, (0, 1))),
        Projection("stn", "s", "gpe", "ampa", 0.5 * 0.3, on_a_ring(CELLS_EACH, CELLS_EACH, (0, -1))),
        Projection("gpe", "s", "gpe", "gaba", 0.5, on_a_ring(CELLS_EACH, CELLS_EACH, (1, -2))),
        Projection("stn", "s", "gpi", "ampa", 0.5 * 0.3, on_a_ring(CELLS_EACH, CELLS_EACH, (0, -1))),
        Projection("gpe", "s", "gpi", "gaba", 0.5, on_a_ring(CELLS_EACH, CELLS_EACH, (1, -2))),
    ),
    background=Pulses("th", 3.5, 5.0, 14.0, 25.0),
    stimulated="stn",
    v_mean=-62.0,
    v_std=5.0,
    paper="So, Kent, Grill, J. Comput. Neurosci. 32, 499 (2012)",
    recorded={
        "x": "gpi.s",
        "s_stn": "stn.s",
        "s_gpe": "gpe.s",
        "v_th": "th.v",
        "v_stn": "stn.v",
        "v_gpe": "gpe.v",
        "v_gpi": "gpi.v",
    },
    potential=Potential("stn", {"gaba": -85.0}),
    relaying="th",
)

NETWORKS = {SO2012.name: SO2012}
"""Networks of cells by name."""
