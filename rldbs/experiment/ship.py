"""Making a policy of the zoo from a run: ``python -m rldbs.experiment.ship RUN NAME COMMAND``."""

import sys
from pathlib import Path

from rldbs.analysis.whole_file import whole_file
from rldbs.experiment.checkpoint import Checkpoint, find_checkpoint, read_checkpoint, write_checkpoint
from rldbs.experiment.record import read_config, write_config
from rldbs.experiment.zoo import ZOO


def ship(run: Path, folder: Path, command: str) -> None:
    """Make the small run folder of a trained run's best checkpoint.

    Raises:
        RunError: the run has no best checkpoint, or it is damaged.
        FileExistsError: ``folder`` is there already.
    """
    best, config = read_checkpoint(find_checkpoint(run, "best"), ["policy"]), read_config(run)
    state = {key: best.state[key] for key in ("steps", "measured")}
    folder.mkdir(parents=True)
    write_config(folder, config)
    write_checkpoint(folder / "checkpoints" / "best", Checkpoint({"policy": best.tensors["policy"]}, state))
    with whole_file(folder / "command.txt") as file:
        file.write(f"{command}\n".encode())


if __name__ == "__main__":
    ship(Path(sys.argv[1]), ZOO / sys.argv[2], sys.argv[3])
