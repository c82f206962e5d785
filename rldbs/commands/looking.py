"""``rldbs list``, ``guide`` and ``compare`` on the command line: their words and help. It loads what is heavy late."""

from rldbs.commands.shared_options import Compared, Listed, Narrowed, Topic


def compare(words: Compared) -> None:
    """Compare runs, sweeps and measured controllers: tables with intervals, a Pareto front, a page.

    \b
    Examples:
      rldbs compare runs
      rldbs compare bvdp-ppo bvdp-sac bvdp-proportional
      rldbs compare runs/hr-ppo reference=proportional html=comparison.html
      rldbs compare sweep=last
      rldbs compare runs name=noisy

    A RUN is the path of a run, or of a folder with runs anywhere below it; the
    beginning of a run's name; or last. Runs that differ by their seed only are one
    row. Everything goes to a new folder under runs/comparisons/, or to folder=DIR;
    markdown=, csv=, json= and html=PATH also write one file there; bom=true marks CSV for
    spreadsheets. More: rldbs guide comparing
    """
    from rldbs.commands.compare import compare_runs

    compare_runs(words)


def list_things(what: Listed = None, words: Narrowed = None) -> None:
    """Show what there is to choose from, and the runs.

    The lists: models, stimuli, recordings, rewards, couplings, tissues, changes, agents, starts,
    doses, tuned, spaces, experiments, tasks, zoo, stresses, trackers, metrics, keys, runs, sweeps.

    \b
    Examples:
      rldbs list
      rldbs list rewards
      rldbs list runs tag=first status=done
      rldbs list keys model=hr agent=sac

    keys takes the choices for which they are shown, with what each may be; runs takes tag=,
    status=, model=, agent= and command=.
    """
    from rldbs.commands.listing import show_list

    show_list(what, words or [])


def guide(topic: Topic = None) -> None:
    """Read the handbook: pages on a terminal, plain text in a pipe.

    \b
    Examples:
      rldbs guide
      rldbs guide start
    """
    from rldbs.commands.guide import show_guide

    show_guide(topic)
