"""The command line: arguments in, one call, tables out. Everything heavy is imported inside the commands."""

import inspect
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from rldbs import completion
from rldbs.children import keep_out_the_current_folder
from rldbs.core.errors import RldbsError, RunError, SettingError
from rldbs.core.shortage import shortage
from rldbs.stop import Stopped, end_cleanly, leave_quietly
from rldbs.terminal import check_arguments, complain, show, voices

SHARED = """Settings, and their defaults:
  seed=0           draws the populations and whatever else is random
  threads=null     threads, 2 where there are the cores; changes no result
  model=bvdp       the neurons; then model.neurons, model.coupling, …"""

CONTROLLED = """
  stimulus=delta   how an action becomes kicks; then stimulus.amplitude, …
  recording=window what the controller sees; then recording.length, …
  reward=deviation what a step is worth; then reward.beta, …"""

MORE = """

All settings: rldbs list keys. All options: rldbs list."""

app = typer.Typer(
    name="rldbs",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, measure and compare closed-loop deep brain stimulation controllers on synthetic neuronal populations.",
    epilog="Begin with: rldbs train model=hr agent=ppo",
)

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY=VALUE",
        help="Settings: model=hr, model.neurons=500, …",
        autocompletion=completion.complete,
        show_default=False,
    ),
]
ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config-dir", metavar="DIR", help="Directory with groups and options of your own.", show_default=False
    ),
]
OWN_WORDS = {"ignore_unknown_options": True}
"""Leaves --agent=ppo to our own message, which says how it is written."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from rldbs import __version__

        show(f"rldbs {__version__}")
        raise typer.Exit


@app.callback()
def _rldbs(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    pass


@app.command(context_settings=OWN_WORDS, epilog=SHARED + CONTROLLED + MORE)
def train(
    overrides: Overrides = None,
    multirun: Annotated[
        bool, typer.Option("-m", "--multirun", help="Train once for every combination of the given values.")
    ] = False,
    config_dir: ConfigDir = None,
) -> None:
    """Train a controller, then measure its best checkpoint on unseen populations.

    \b
    Examples:
      rldbs train model=hr agent=ppo
      rldbs train model=bvdp steps=500_000 envs=64 stimulus.amplitude=0.5
      rldbs train -m model=bvdp,hr seed=0,1,2
      rldbs train -m 'seed=range(8)' hydra/launcher=joblib

    A run goes to a new folder under runs/, or where hydra.run.dir=DIR says. Ctrl-C
    finishes the rollout and saves; rldbs resume goes on.

    With -m, all runs go to one folder under runs/sweeps/, or where hydra.sweep.dir=DIR
    says. The same command again goes on with it, with more values only the new runs.
    """
    if multirun:
        from rldbs.sweep.run import run_sweep

        run_sweep(overrides or [], config_dir)
        return
    from rldbs.launch import train_one

    train_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS)
def resume(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="A run, sweep or curves: a path, the beginning of a name, or last: the newest not at its end.",
            autocompletion=completion.complete_unfinished,
            show_default=False,
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE", help="steps=N, a larger budget; tune.trials=N; threads=N.", show_default=False
        ),
    ] = None,
) -> None:
    """Go on with a training run that was interrupted, from its newest checkpoint; with a search, a sweep or curves.

    \b
    Examples:
      rldbs resume last
      rldbs resume hr-ppo/20260101-120000-s0-1a2b
      rldbs resume hr-ppo/20260101-120000-s0-1a2b steps=3_000_000

    On the same machine, with the same versions, it ends with the numbers of a run
    that was never interrupted: weights, metrics.json, and progress.csv but for its
    times. With a larger budget a run that has reached its end goes on as well, and last
    is the newest that has a smaller one; its schedules then follow the new budget.

    Of a sweep, the runs that are done stay as they are, those that were interrupted go
    on, those that failed are tried again. It takes threads=N and hydra/launcher=….
    Of response curves and stress tests, the points that are done stay as they are.
    """
    from rldbs.launch import resume_one

    resume_one(run, overrides or [])


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def evaluate(
    overrides: Overrides = None,
    multirun: Annotated[
        bool, typer.Option("-m", "--multirun", help="Measure every combination of the given values: response curves.")
    ] = False,
    config_dir: ConfigDir = None,
) -> None:
    """Measure a controller: free, stimulated, relaxed, on populations that training has not seen.

    \b
    Examples:
      rldbs evaluate
      rldbs evaluate run=last checkpoint=last model.coupling=0.25
      rldbs evaluate run=runs/hr-ppo/20260101-120000-s0-1a2b json=numbers.json
      rldbs evaluate run=last animation=true
      rldbs evaluate agent=none model=hr
      rldbs evaluate agent=pd model=hr

    run=RUN is a path, the beginning of a run's name, last, or zoo:NAME for a policy that
    comes with the package (rldbs list zoo). Without it, the newest
    run is measured; with agent=…, a controller that needs no training, and with both that
    controller in the environment of the run. json=PATH also writes the numbers there,
    json=- to the standard output, and all else to the standard error.

    With -m, S is drawn against the key that has several values:

    \b
      rldbs evaluate -m run=last model.neurons=100,300,1000,3000,10000
      rldbs evaluate -m run=RUN,RUN model.coupling=0.02,0.025,0.03,0.04
      rldbs evaluate -m run=RUN,RUN agent=proportional stress=noise,delay
      rldbs evaluate -m agent=proportional,none stress=all model=hr

    Beside runs, agent=… names controllers that need no training; they are measured in
    the environment of the first run. stress=… takes one, several or all of rldbs list
    stresses, and draws a panel for each. Where the model is varied, a dashed line shows
    what neurons without coupling would reach. All goes to a new folder under runs/curves/,
    or where hydra.sweep.dir=DIR says. After Ctrl-C the same command, or rldbs resume, goes on.
    """
    if multirun:
        from rldbs.launch import measure_curves

        measure_curves(overrides or [], config_dir)
        return
    from rldbs.recorded import evaluation

    settings, run, json_file = evaluation(overrides or [], config_dir)
    from rldbs.experiment.evaluate import evaluate_run
    from rldbs.files.named import clear_output

    with clear_output(json_file):
        evaluate_run(settings, run, json_file)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + CONTROLLED + MORE)
def tune(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Search for the best settings of a controller, then measure them on unseen populations.

    \b
    Examples:
      rldbs tune agent=proportional model=hr
      rldbs tune agent=pd 'agent.gain=tag(log,interval(1e-3,1))' tune.trials=200
      rldbs tune agent=proportional tune.objective=front
      rldbs tune agent=ppo steps=500_000 agent.gamma=0.9,0.95,0.99 tune.trials=20

    A key with a range is searched: 'KEY=interval(0.001,0.1)', 'KEY=tag(log,interval(1e-4,1))',
    'KEY=int(interval(1,20))', KEY=1,2,5. Without ranges, those that come with the agent are
    searched (rldbs list spaces); KEY=VALUE takes a key out of them. No trial sees the
    populations on which the best is measured at the end.

    In a shell, brackets need quotes. What was found is in
    tuned.yaml of the run folder. Ctrl-C saves; rldbs resume goes on, also with more
    trials: rldbs resume last tune.trials=400.
    """
    from rldbs.launch import tune_one

    tune_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def simulate(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Look at the free population: its rhythm, its spectrum, its neurons.

    \b
    Examples:
      rldbs simulate model=hr
      rldbs simulate model=bvdp model.coupling=0.02 steps=50_000
    """
    from rldbs.launch import simulate_one

    simulate_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def bench(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Time the core, the environments, training and the start of commands on this machine.

    \b
    Examples:
      rldbs bench
      rldbs bench model=hr threads=1 json=numbers.json

    It takes one to two minutes. What is compared is timed in turns, and of all turns
    the median is shown, so that other work on the machine matters little. json=PATH
    also writes the numbers there.
    """
    from rldbs.launch import bench_settings

    settings, json_file = bench_settings(overrides or [], config_dir)
    from rldbs.experiment.bench import bench as time_everything
    from rldbs.files.named import clear_output

    with clear_output(json_file):
        time_everything(settings, json_file)


@app.command(context_settings=OWN_WORDS)
def compare(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN|KEY=VALUE",
            help="Runs, and sweep=, name=, reference=, folder=, markdown=, csv=, json=, html=.",
            autocompletion=completion.complete_compare,
            show_default=False,
        ),
    ],
) -> None:
    """Compare runs, sweeps and measured controllers: tables with intervals, a Pareto front, a page.

    \b
    Examples:
      rldbs compare runs
      rldbs compare bvdp-ppo bvdp-sac bvdp-proportional
      rldbs compare runs/hr-ppo reference=proportional html=comparison.html
      rldbs compare sweep=last
      rldbs compare runs name=noisy

    A RUN is the path of a run, or of a folder with runs anywhere below it, such
    as that of a sweep; the beginning of a run's name; or last. Runs that differ
    by their seed only are one row. Only what was measured on the same task, on
    the same populations, is in one table. name=NAME compares another measurement
    than final.

    Everything goes to a new folder under runs/comparisons/, or to folder=DIR;
    markdown=, csv=, json= and html=PATH also write one file there. With
    reference=LABEL every row is held against that one, else against the one above.
    """
    from rldbs.comparison import compare_runs

    compare_runs(words)


@app.command(context_settings=OWN_WORDS)
def benchmark(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Every classical controller, tuned, and every learner, trained, on every task.

    \b
    Examples:
      rldbs benchmark
      rldbs benchmark 'tasks=\\[hr]' 'learners=\\[ppo]' 'controllers=\\[pd]' seeds=3
      rldbs benchmark folder=/scratch/benchmark jobs=8

    The whole takes two hours or so on two cores. It can be stopped at any time: the same
    command goes on with it, and does nothing twice. Every run is one of rldbs tune or
    rldbs train; all are measured on the same unseen populations.

    Settings: tasks, learners, controllers, seeds, trials (of each search), episodes
    (populations), jobs (at the same time), folder, report (where tables also go).
    """
    from rldbs.benchmark.run import run_benchmark

    run_benchmark(overrides or [], config_dir)


@app.command("list")
def list_(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            help="Which list; without it, an overview.",
            autocompletion=completion.complete_list,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what there is to choose from, and the runs.

    The lists: models, stimuli, recordings, rewards, couplings, agents, starts, doses,
    tuned, spaces, experiments, zoo, stresses, metrics, keys, runs, sweeps.

    \b
    Examples:
      rldbs list
      rldbs list rewards
      rldbs list runs
    """
    from rldbs.listing import list_things

    list_things(what)


def _flowing(text: str) -> str:
    """Help whose paragraphs fill the lines of any terminal; those that begin with ``\\b`` keep their own."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        part.removeprefix("\b\n") if part.startswith("\b\n") else " ".join(part.split()) for part in paragraphs
    )


for command in app.registered_commands:
    command.help = _flowing((command.callback and command.callback.__doc__) or "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default on the arguments of the process.

    Raises:
        SystemExit: always: 0; 1 when a run fails; 2 for a mistake of the user's; 128 + the number of the signal that
            stopped it, 130 for Ctrl-C.
    """
    keep_out_the_current_folder()
    end_cleanly()
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with voices() as out:
            status = _run(words)
            if out.lost is not None:
                complain(f"standard output: {out.lost.strerror}; not all could be shown")
            sys.exit(status or (1 if out.lost else 0))
    finally:
        leave_quietly()


def _run(words: Sequence[str]) -> int:
    """Run the command line; the exit status."""
    try:
        check_arguments(words)
        app(args=list(words), prog_name="rldbs")
    except RldbsError as error:
        complain(str(error))
        return 2 if isinstance(error, SettingError | RunError) else 1
    except OSError as error:  # a full disk, a folder that is gone: the user's to put right, not ours
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        complain(str(shortage(error) or said))
        return 1
    except (MemoryError, RuntimeError, ImportError, SystemError) as error:
        told = shortage(error)
        if told is None:
            raise
        complain(str(told))
        return 1
    except Stopped as stop:
        complain(str(stop) or "Stopped")
        return stop.number + 128
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
