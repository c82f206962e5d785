"""Making a policy of the zoo from a run: ``python -m rldbs.runs.add_to_zoo RUN NAME COMMAND``."""

import sys
from pathlib import Path

from rldbs.files.folder import Folder
from rldbs.runs.checkpoint import Checkpoint, find_checkpoint, read_checkpoint, write_checkpoint
from rldbs.runs.record import read_config, write_config
from rldbs.runs.zoo import ZOO


def ship(run: Path, folder: Folder, command: str) -> None:
    """Make the small run folder of a trained run's best checkpoint.

    Raises:
        RunError: the run has no best checkpoint, or it is damaged.
        FileExistsError: ``folder`` is there already.
    """
    best, config = read_checkpoint(find_checkpoint(run, "best"), ["policy"]), read_config(run)
    state = {key: best.state[key] for key in ("steps", "measured")}
    folder.make_new()
    write_config(folder, config)
    write_checkpoint(
        folder / "checkpoints" / "best", Checkpoint({"policy": best.tensors["policy"]}, state, best.physics)
    )
    with folder.file("command.txt").whole() as file:
        file.write(f"{command}\n".encode())


if __name__ == "__main__":
    ship(Path(sys.argv[1]), Folder(ZOO).make() / sys.argv[2], sys.argv[3])
