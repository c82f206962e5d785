"""``rldbs export`` on the command line: its words and its help. Everything heavy is imported inside."""

from rldbs.commands.shared_options import ConfigDir, Overrides


def export(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Write a policy, a controller that needs no training, or a recording, for other programs.

    \b
    Examples:
      rldbs export run=last format=c
      rldbs export run=zoo:hr-ppo format=onnx folder=policy
      rldbs export agent=pd model=hr format=c name=pd
      rldbs export run=last format=nwb

    \b
    Formats:
      format=c       C99: a header, a source and a program that checks them
      format=onnx    a network for ONNX runtimes; needs onnx and onnxruntime
      format=torch   a network as a program of torch.export
      format=numpy   a network as arrays, and a program that needs NumPy alone
      format=csv     what a run has recorded, as tables; bom=true for spreadsheets
      format=nwb     the same for Neurodata Without Borders; needs pynwb

    RUN is named as for rldbs evaluate, with checkpoint=best, last or a number; agent=… is a
    controller from its settings. Everything goes to a new folder under runs/exports/, or to
    folder=DIR. name=NAME is what files and functions are called; decisions=500 of a closed
    loop are what copies are held against. A recording is of any run that was measured, with
    evaluation=NAME, or simulated. More: rldbs guide exporting
    """
    from rldbs.commands.export_request import export_one

    export_one(overrides or [], config_dir)
