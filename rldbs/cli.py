"""The command line: arguments in, one call, tables out. Everything heavy is imported inside the commands."""

import sys
from collections.abc import Sequence

import typer

from rldbs.commands.export import export
from rldbs.commands.left_out import tell_left_out
from rldbs.commands.looking import compare, guide, list_things
from rldbs.commands.new import new
from rldbs.commands.remove import remove
from rldbs.commands.shared_options import (
    CONTROLLED,
    MORE,
    OWN_WORDS,
    SHARED,
    ConfigDir,
    Larger,
    MeasureMany,
    Overrides,
    Resumed,
    Show,
    TrainMany,
    Version,
    flowing,
)
from rldbs.process.children import keep_out_the_current_folder
from rldbs.process.exit_status import exit_status
from rldbs.process.stop import end_cleanly, leave_quietly
from rldbs.process.terminal import complain, voices

app = typer.Typer(
    name="rldbs",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, measure and compare closed-loop deep brain stimulation controllers on synthetic neuronal populations.",
    epilog="Begin with: rldbs train model=hr agent=ppo",
)


@app.callback()
def _rldbs(version: Version = False) -> None:
    pass


@app.command(context_settings=OWN_WORDS, epilog=SHARED + CONTROLLED + MORE)
def train(
    overrides: Overrides = None,
    multirun: TrainMany = False,
    config_dir: ConfigDir = None,
    show: Show = False,
) -> None:
    """Train a controller, then measure its best checkpoint on unseen populations.

    \b
    Examples:
      rldbs train model=hr agent=ppo
      rldbs train model=bvdp steps=500_000 envs=64 stimulus.amplitude=0.5
      rldbs train -m model=bvdp,hr seed=0,1,2
      rldbs train -m 'seed=range(8)' hydra/launcher=joblib
      rldbs train model=hr --show

    A run goes to a new folder under runs/, or where hydra.run.dir=DIR says; with -m, all
    runs to one under runs/sweeps/, or where hydra.sweep.dir=DIR says. Ctrl-C finishes the
    rollout and saves; rldbs resume goes on. More: rldbs guide training, rldbs guide sweeps
    """
    if show:
        from rldbs.commands.show_settings import show_settings

        show_settings("train", overrides or [], config_dir, multirun)
        return
    if multirun:
        from rldbs.sweep.run_sweep import run_sweep

        run_sweep(overrides or [], config_dir)
        return
    from rldbs.commands.train import train_one

    train_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS)
def resume(
    run: Resumed,
    overrides: Larger = None,
) -> None:
    """Go on with a training run that was interrupted, from its newest checkpoint; with a search, a sweep or curves.

    \b
    Examples:
      rldbs resume last
      rldbs resume hr-ppo/20260101-120000-s0-1a2b
      rldbs resume hr-ppo/20260101-120000-s0-1a2b steps=3_000_000

    A run ends with the numbers of one that was never interrupted. With a larger budget one
    that has reached its end goes on as well. What is done of a sweep or of curves stays as
    it is; a sweep also takes hydra/launcher=…. More: rldbs guide resuming
    """
    from rldbs.commands.resume import resume_one

    resume_one(run, overrides or [])


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def evaluate(
    overrides: Overrides = None,
    multirun: MeasureMany = False,
    config_dir: ConfigDir = None,
    show: Show = False,
) -> None:
    """Measure a controller: free, stimulated, relaxed, on populations that training has not seen.

    \b
    Examples:
      rldbs evaluate
      rldbs evaluate run=last checkpoint=last model.coupling=0.25
      rldbs evaluate run=runs/hr-ppo/20260101-120000-s0-1a2b json=numbers.json
      rldbs evaluate agent=pd model=hr

    run=RUN is a path, the beginning of a run's name, last, or zoo:NAME for a policy that
    comes with the package. Without it, the newest run is measured; with agent=…, a controller
    that needs no training, in the environment of the run where there is one. json=PATH also
    writes the numbers there. More: rldbs guide measuring

    With -m, S is drawn against the key that has several values:

    \b
      rldbs evaluate -m run=last model.neurons=100,300,1000,3000,10000
      rldbs evaluate -m run=RUN,RUN agent=proportional stress=noise,delay
      rldbs evaluate -m agent=proportional,none stress=all model=hr

    Beside runs, agent=… names controllers that need no training. stress=… takes one,
    several or all of rldbs list stresses. All goes to a new folder under runs/curves/, or
    where hydra.sweep.dir=DIR says. More: rldbs guide curves, rldbs guide stress
    """
    if show:
        from rldbs.commands.show_settings import show_settings

        show_settings("evaluate", overrides or [], config_dir, multirun)
        return
    if multirun:
        from rldbs.commands.curves import measure_curves

        measure_curves(overrides or [], config_dir)
        return
    from rldbs.commands.evaluate import measure_one

    measure_one(overrides or [], config_dir)


app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)(export)
app.command()(new)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + CONTROLLED + MORE)
def tune(overrides: Overrides = None, config_dir: ConfigDir = None, show: Show = False) -> None:
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

    In a shell, brackets need quotes. What was found is in tuned.yaml of the run folder.
    Ctrl-C saves; rldbs resume goes on. More: rldbs guide tuning
    """
    if show:
        from rldbs.commands.show_settings import show_settings

        show_settings("tune", overrides or [], config_dir)
        return
    from rldbs.commands.tune import tune_one

    tune_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def simulate(overrides: Overrides = None, config_dir: ConfigDir = None, show: Show = False) -> None:
    """Look at the free population: its rhythm, its spectrum, its neurons.

    \b
    Examples:
      rldbs simulate model=hr
      rldbs simulate model=bvdp model.coupling=0.02 steps=50_000

    calibrate=true also measures what a model's file says of its rhythm.
    """
    if show:
        from rldbs.commands.show_settings import show_settings

        show_settings("simulate", overrides or [], config_dir)
        return
    from rldbs.commands.simulate import simulate_one

    simulate_one(overrides or [], config_dir)


@app.command(context_settings=OWN_WORDS, epilog=SHARED + MORE)
def bench(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Time the core, the environments, training and the start of commands on this machine.

    \b
    Examples:
      rldbs bench
      rldbs bench model=hr threads=1 json=numbers.json

    It takes one to two minutes. json=PATH also writes the numbers there. More: rldbs guide speed
    """
    from rldbs.commands.bench import bench_all

    bench_all(overrides or [], config_dir)


app.command(context_settings=OWN_WORDS)(compare)


@app.command(context_settings=OWN_WORDS)
def benchmark(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Every classical controller, tuned, and every learner, trained, on every task.

    \b
    Examples:
      rldbs benchmark
      rldbs benchmark 'tasks=\\[hr]' 'learners=\\[ppo]' 'controllers=\\[pd]' seeds=3
      rldbs benchmark folder=/scratch/benchmark jobs=8

    The whole takes many hours; it can be stopped at any time, and the same command goes on
    with it. Settings: tasks, learners, controllers, seeds, trials (of each
    search), episodes (populations), jobs, folder, report. More: rldbs guide benchmark
    """
    from rldbs.benchmark.run_benchmark import run_benchmark

    run_benchmark(overrides or [], config_dir)


app.command("list")(list_things)
app.command(context_settings=OWN_WORDS)(remove)
app.command()(guide)


for command in app.registered_commands:
    command.help = flowing((command.callback and command.callback.__doc__) or "")


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
            status = exit_status(lambda: app(args=words, prog_name="rldbs"), words)
            tell_left_out()
            if out.lost is not None:
                complain(f"standard output: {out.lost.strerror}; not all could be shown")
            sys.exit(status or (1 if out.lost else 0))
    finally:
        leave_quietly()


if __name__ == "__main__":
    main()
