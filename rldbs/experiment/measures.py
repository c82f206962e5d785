"""What is measured and drawn of a trajectory, whatever kind of model it is of."""

from rldbs.analysis.metrics import Array
from rldbs.analysis.network_metrics import measure_network
from rldbs.analysis.oscillator_metrics import measure_every
from rldbs.analysis.plastic_metrics import measure_plastic
from rldbs.analysis.rate_metrics import measure_rates
from rldbs.analysis.trajectory import Trajectory
from rldbs.core.cell_populations import CellSettings
from rldbs.core.model_settings import ModelSettings
from rldbs.core.plastic_settings import PlasticSettings
from rldbs.core.rate_settings import RateSettings
from rldbs.core.so2012 import NETWORKS
from rldbs.files.file import File


def measures_of(trajectory: Trajectory, model: ModelSettings, uncoupled_std: Array | None = None) -> dict[str, Array]:
    """Every metric of a model, each (E,), one number for each episode.

    Args:
        trajectory: of such a model.
        model: its settings.
        uncoupled_std: as for :func:`.metrics.measure`.
    """
    if isinstance(model, CellSettings):
        return measure_network(trajectory, NETWORKS[model.name], model.rhythm)
    if isinstance(model, PlasticSettings):
        return measure_plastic(trajectory, model.constants)
    if isinstance(model, RateSettings):
        return measure_rates(trajectory, model.rhythm)
    return measure_every(trajectory, model, uncoupled_std)


def draw_measurement(trajectory: Trajectory, model: ModelSettings, picture: File, title: str, subtitle: str) -> None:
    """The picture of a measurement."""
    if isinstance(model, CellSettings):
        from rldbs.analysis.plots.network_picture import stimulated_network_picture

        network = NETWORKS[model.name]
        stimulated_network_picture(trajectory, network, model.rhythm, picture, title, subtitle)
        return
    if isinstance(model, PlasticSettings):
        from rldbs.analysis.plots.plastic_picture import stimulated_plastic_picture

        stimulated_plastic_picture(trajectory, model.constants, picture, title, subtitle)
        return
    if isinstance(model, RateSettings):
        from rldbs.analysis.plots.rate_picture import stimulated_rates_picture

        stimulated_rates_picture(trajectory, model.rhythm, picture, title, subtitle)
        return
    from rldbs.analysis.plots.population import suppression_picture  # training begins without it

    suppression_picture(trajectory, picture, title, subtitle)
