"""What can be said to ``rldbs export``, for completion. Imports nothing."""

EXPORT = {
    "format": "how the controller, or a recording, is written",
    "folder": "where everything is written",
    "name": "what files and functions are called",
    "decisions": "of a closed loop, on which copies are tried",
    "evaluation": "which measurement of the run, for a recording",
    "bom": "whether csv begins with a mark for spreadsheets",
}
"""Settings of rldbs export, beside those that evaluate has, too."""
FORMATS = {
    "c": "C99 for firmware",
    "onnx": "a network for ONNX runtimes",
    "torch": "a network as a program of torch.export",
    "numpy": "a network as arrays",
    "csv": "a recording as tables",
    "nwb": "a recording for Neurodata Without Borders",
}
OF_MEASUREMENTS = ("json", "animation", "protocol", "stress", "note", "tags")
"""What a measurement has, of which an export makes none."""
MEASURED = (*OF_MEASUREMENTS, "name", "hydra")
"""Settings of rldbs evaluate that are not offered."""
