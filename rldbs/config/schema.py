"""The typed schema of ``conf/``: from a composed configuration to the frozen records that decide an experiment."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rldbs.agents.settings import AGENTS, LEARNERS, AgentSettings, LearnerSettings, NoStimulation
from rldbs.config.checked_records import checked, only, record, shown
from rldbs.config.composition import Config
from rldbs.config.groups import sets
from rldbs.config.model_sections import model_settings, strength_settings
from rldbs.config.overrides import directories
from rldbs.config.registered import name_of, option
from rldbs.config.teacher_settings import check_teacher, teacher_of
from rldbs.control.artefact import check_artefact
from rldbs.control.beta_reward import Beta
from rldbs.control.contacts import at_contacts
from rldbs.control.coupling import COUPLINGS, Fixed, check_severities
from rldbs.control.course import COURSES
from rldbs.control.electrode_drift import ELECTRODE_DRIFTS
from rldbs.control.encapsulation import ENCAPSULATIONS
from rldbs.control.episode import Episode
from rldbs.control.episode_start import FreeStart, Start
from rldbs.control.loop_settings import LoopSettings
from rldbs.control.plasticity import PLASTICITIES
from rldbs.control.recordings import RECORDINGS
from rldbs.control.reward import REWARDS
from rldbs.control.step_rewards import check_reward
from rldbs.control.stimuli import STIMULI
from rldbs.control.timed_stimuli import fitted
from rldbs.core.disease_settings import DiseaseSettings
from rldbs.core.errors import RunError, SettingError
from rldbs.core.model_kinds import kind_of
from rldbs.core.tissue_shapes import Point
from rldbs.experiment.command_settings import Checkpoints, EvaluateSettings, Protocol, SimulateSettings, TrainSettings
from rldbs.experiment.memory import (
    check_memory,
    learner_needs,
    loop_needs,
    protocol_needs,
    simulation_needs,
    training_needs,
)
from rldbs.experiment.phase_lengths import check_checkpoints, check_protocol, check_simulation
from rldbs.experiment.population_seeds import check_measurement, check_trained_on
from rldbs.experiment.suppressed_start import SuppressedSettings, SuppressedStart
from rldbs.process.shell import to_type
from rldbs.process.threads import with_threads
from rldbs.runs.checkpoint import find_checkpoint
from rldbs.runs.find import find_run
from rldbs.runs.labels import NAMES, labels
from rldbs.runs.record import ENVIRONMENT, TRAINED, read_config
from rldbs.runs.zoo import shipped
from rldbs.trackers.tracker import TRACKERS, check_there

OF_MEASUREMENTS = ("run", "checkpoint", "name", "animation", "json")
"""Keys that evaluate alone has."""
STARTS: Mapping[str, type] = {"free": FreeStart, "suppressed": SuppressedSettings}


def train_settings(config: Config) -> TrainSettings:
    """The settings of ``rldbs train``.

    Raises:
        SettingError: a key is unknown or missing, a value is not allowed, or two values do not go together.
    """
    config = with_threads(config)
    only(config, TRAINED)
    labels(config)
    scalars = checked(TrainSettings, config, ("seed", "steps", "envs", "threads"))
    name, agent, loop = config["agent"]["name"], _agent(config), _loop(config)
    if not isinstance(agent, LearnerSettings):
        measure = to_type("evaluate", f"model={loop.model.name}", f"agent={name}")
        raise SettingError(f"agent={name}: has nothing to learn\nMeasure it with: {measure}")
    checkpoints = record(Checkpoints, config.get("checkpoints"), "checkpoints")
    settings = TrainSettings(
        **scalars,
        loop=loop,
        agent=agent,
        checkpoints=replace(checkpoints, oscillators=loop.model.oscillates),
        protocol=_protocol(config, agent, loop),
        tracker=option("tracker", TRACKERS, config) if "tracker" in config else None,
        teacher=teacher_of(config, loop) if "teacher" in config else None,
        config=config,
    )
    check_trained_on(loop.start)
    check_checkpoints(settings.checkpoints, loop.model)
    _pair(config, agent, loop.stimulus.levels)
    if settings.checkpoints.policy == "stochastic" and not agent.stochastic:
        raise SettingError(f"checkpoints.policy=stochastic: agent={name} learns a deterministic policy")
    objection = agent.misfit(loop) or agent.objection(settings.steps, settings.envs)
    if objection:
        raise SettingError(objection)
    check_teacher(settings)
    check_memory(training_needs(settings))
    return settings


def check_training(config: Config, overrides: Sequence[str], directory: Path | None = None) -> None:
    """Whether a training run can be.

    Args:
        config: its configuration.
        overrides: ``KEY=VALUE``, from which it was composed.
        directory: a directory with groups and options of the user's own.

    Raises:
        SettingError: it cannot; where an experiment has brought in what does not fit, the message says so.
    """
    try:
        check_there(config.get("tracker"), train_settings(config).tracker)
    except SettingError as error:
        key = str(error).partition(":")[0].partition("=")[0]
        experiment = next((text for text in overrides if text.startswith("experiment=")), None)
        if experiment is None or any(text.startswith(f"{key}=") for text in overrides):
            raise
        if not sets("experiment", experiment.partition("=")[2], key, directories(directory)):
            raise
        raise SettingError(f"{error}\n({experiment} sets {key})") from None


def _pair(config: Config, agent: LearnerSettings, levels: int | None) -> None:
    """Whether a learner can choose what the stimulus offers."""
    wanted = "amplitudes" if levels is None else "levels"
    if wanted in agent.takes:
        return
    others = "|".join(name for name, other in LEARNERS.own.items() if wanted in other.takes)
    if levels is None:
        reason, remedy = "chooses among levels, but stimulus.levels is null", "stimulus.levels=21"
        if "levels" not in config["stimulus"]:
            reason = f"chooses among levels, but stimulus={config['stimulus']['name']} has none"
            remedy = "stimulus=delta stimulus.levels=21"
    else:
        reason, remedy = f"chooses any amplitude, but stimulus.levels={levels}", "stimulus.levels=null"
    raise SettingError(f"agent={config['agent']['name']}: {reason}\nSet {remedy}, or use agent={others}")


def evaluate_settings(config: Config) -> EvaluateSettings:
    """The settings of ``rldbs evaluate``. ``run`` and ``json`` stay in their ``config``.

    Raises:
        SettingError: as for :func:`train_settings`.
    """
    config = with_threads(config)
    agent = _agent(config)
    if isinstance(agent, LearnerSettings) and not config["run"]:
        name = config["agent"]["name"]
        raise SettingError(f"agent={name}: a learner is measured through its run: rldbs evaluate run=last")
    only(config, (*ENVIRONMENT, "agent", "protocol", "seed", "threads", *OF_MEASUREMENTS, *NAMES))
    labels(config)
    checkpoint = str(config["checkpoint"])
    if not re.fullmatch(r"best|last|\d+", checkpoint):
        raise SettingError(f"checkpoint={checkpoint}: must be best, last or a number of environment steps")
    name = str(config["name"] or (checkpoint if config["run"] else "final"))
    if not re.fullmatch(r"[^/\0.][^/\0]{0,199}", name):
        raise SettingError(f"name={shown(name)}: must be the name of a folder, without / and no dot in front")
    loop = _loop(config)
    if isinstance(agent, LearnerSettings):
        _pair(config, agent, loop.stimulus.levels)
    elif agent.rests and loop.stimulus.levels is not None and loop.stimulus.levels % 2 == 0:
        when = "never stimulates" if isinstance(agent, NoStimulation) else "rests at times"
        raise SettingError(
            f"stimulus.levels={loop.stimulus.levels}: an even number has no level at 0, "
            f"but agent={config['agent']['name']} {when}"
        )
    scalars = checked(EvaluateSettings, config, ("seed", "threads", "animation"))
    protocol = _protocol(config, agent, loop)
    check_memory([*protocol_needs(protocol, loop), *learner_needs(agent, loop, protocol.episodes, learns=False)])
    return EvaluateSettings(
        **scalars,
        name=name,
        checkpoint=checkpoint,
        loop=loop,
        agent=agent,
        protocol=protocol,
        config=config,
    )


def simulate_settings(config: Config) -> SimulateSettings:
    """The settings of ``rldbs simulate``.

    Raises:
        SettingError: as for :func:`train_settings`.
    """
    config = with_threads(config)
    names = ("seed", "steps", "populations", "calibrate", "threads", "animation")
    only(config, ("model", "tissue", "electrode", *names))
    scalars = checked(SimulateSettings, config, names)
    model = model_settings(config)
    if scalars["animation"] and (not model.oscillates or isinstance(model.space.tissue, Point)):
        raise SettingError(
            "animation=true: shows the phases of oscillators in tissue, as model=kuramoto; not of "
            f"model={model.name} at tissue={shown(config['tissue']['name'])}"
        )
    if scalars["calibrate"] and model.uncoupled is None:
        raise SettingError(
            f"calibrate=true: is not for model={model.name}, whose cells are coupled as they are, so that no rest of "
            "uncoupled ones can be measured"
        )
    check_simulation(scalars["steps"], model)
    check_memory(simulation_needs(model, scalars["populations"], scalars["steps"]))
    return SimulateSettings(**scalars, model=model, config=config)


def loop_settings(config: Config) -> LoopSettings:
    """The settings of an environment alone.

    Raises:
        SettingError: as for :func:`train_settings`.
    """
    only(config, ENVIRONMENT)
    return check_loop(_loop(config))


def _loop(config: Config) -> LoopSettings:
    model = model_settings(config)
    settings = LoopSettings(
        model=model,
        stimulus=at_contacts(fitted(option("stimulus", STIMULI, config), model), model.space.contacts),
        recording=option("recording", RECORDINGS, config),
        reward=option("reward", REWARDS, config),
        coupling=strength_settings(config, model),
        start=_start(config),
        episode=record(Episode, config.get("episode"), "episode"),
        electrode_drift=option("electrode_drift", ELECTRODE_DRIFTS, config),
        encapsulation=option("encapsulation", ENCAPSULATIONS, config),
        plasticity=option("plasticity", PLASTICITIES, config),
    )
    _check_pieces(settings)
    return settings


def check_loop(settings: LoopSettings) -> LoopSettings:
    """The settings of an environment, whose pieces go together and fit into memory.

    Raises:
        SettingError: they do not.
    """
    _check_pieces(settings)
    check_memory(loop_needs(settings, 1))
    return settings


def _check_pieces(settings: LoopSettings) -> None:
    model = settings.model
    if isinstance(settings.reward, Beta) and not model.model.time_unit:
        raise SettingError(f"reward=beta: counts in Hz, but model={model.name} has no unit of time; use reward=band")
    own_coupling = kind_of(model).own_coupling
    if own_coupling and type(settings.coupling) not in (Fixed, *COURSES.values()):
        name = name_of(COUPLINGS, settings.coupling)
        raise SettingError(f"coupling={name}: is not for model={model.name}, whose {own_coupling}")
    if isinstance(model, DiseaseSettings):
        check_severities(settings.coupling)
    check_reward(name_of(REWARDS, settings.reward), settings.reward, model.name, model.model.variable_names)
    settings.recording.indices(model.model)
    check_artefact(settings.recording, model)
    settings.coupling.spread(model.coupling, 1)
    settings.check_changes()


def _start(config: Config) -> Start:
    start: FreeStart | SuppressedSettings = option("start", STARTS, config)
    if isinstance(start, FreeStart):
        return start
    if start.run is None:
        raise SettingError("start.run=null: which run is the first agent? A path, a name, last, or zoo:bvdp-ppo")
    run = find_run(start.run, key="start.run")
    recorded = read_config(run)
    loop, agent = _loop({key: recorded[key] for key in ENVIRONMENT}), _agent(recorded)
    if loop.model.name != config["model"]["name"]:
        raise SettingError(f"start.run={start.run}: was trained on {loop.model.name}, not {config['model']['name']}")
    if not isinstance(agent, LearnerSettings):
        raise RunError(f"start.run={start.run}: agent={recorded['agent']['name']} has learned nothing")
    if isinstance(loop.start, SuppressedStart):
        raise SettingError(f"start.run={start.run}: that agent itself came after another one; name one that did not")
    if start.policy == "stochastic" and not agent.stochastic:
        raise SettingError(f"start.policy=stochastic: {recorded['agent']['name']} learns a deterministic policy")
    find_checkpoint(run, str(start.checkpoint))
    if not shipped(run):  # the newest run, or a relative path, may be another one later
        config["start"]["run"] = str(run.resolve())
    return SuppressedStart(start, run.resolve(), loop, agent)


def _agent(config: Config) -> AgentSettings:
    agent: AgentSettings = option("agent", AGENTS, config)
    return agent


def _protocol(config: Config, agent: AgentSettings, loop: LoopSettings) -> Protocol:
    protocol = record(Protocol, config.get("protocol"), "protocol")
    if protocol.onset >= protocol.stimulated:
        raise SettingError(
            f"protocol.onset={protocol.onset}: must be below protocol.stimulated={protocol.stimulated}, "
            "or nothing is left to measure"
        )
    check_measurement(protocol, agent, loop.start)
    check_protocol(protocol, loop.model)
    return protocol
