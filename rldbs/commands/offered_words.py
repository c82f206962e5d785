"""Words that completion offers and that no file of conf/ has: settings of Hydra, of compare and export, the lists."""

HYDRA = {
    "train": {
        "hydra.run.dir": "folder of the run",
        "hydra.sweep.dir": "folder of the runs of a sweep",
        "hydra/launcher": "how the runs of a sweep are started",
        "hydra.launcher.n_jobs": "runs at the same time, with hydra/launcher=joblib",
        "hydra.launcher.partition": "where the jobs go, with hydra/launcher=submitit_slurm",
        "hydra.launcher.ray.init.address": "HOST:PORT of a cluster, with hydra/launcher=ray",
        "hydra.launcher.timeout_min": "minutes of a job, with hydra/launcher=submitit_slurm",
    },
    "tune": {"hydra.run.dir": "folder of the run"},
    "evaluate": {"hydra.sweep.dir": "folder of response curves, with -m"},
}
LAUNCHERS = {
    "basic": "one after the other",
    "joblib": "several at the same time",
    "ray": "tasks of Ray, here or on a cluster",
    "submitit_slurm": "jobs of a SLURM cluster",
}
COMPARE = {
    "sweep": "a sweep, shown over the keys that vary",
    "name": "the measurement to compare, a folder under evaluation/ of the runs",
    "reference": "the row that all others are held against",
    "folder": "where everything is written",
    "markdown": "file for the tables",
    "csv": "file for the numbers of the tables",
    "json": "file for everything, values of every population too",
    "html": "file for the page",
    "bom": "whether csv begins with a mark for spreadsheets",
}
"""Settings of rldbs compare."""
LISTS = (
    "models",
    "stimuli",
    "recordings",
    "rewards",
    "couplings",
    "tissues",
    "changes",
    "agents",
    "starts",
    "trackers",
    "doses",
    "tuned",
    "spaces",
    "experiments",
    "tasks",
    "zoo",
    "stresses",
    "metrics",
    "keys",
    "runs",
    "sweeps",
)
OF_RUNS = {
    "tag": "a tag that they have",
    "status": "what became of them",
    "model": "the neurons",
    "agent": "who controls",
    "command": "what made them",
}
"""What narrows the list of runs."""
