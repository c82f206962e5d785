"""``rldbs export`` on the command line: its words and its help. Everything heavy is imported inside."""

from rldbs.commands.shared_options import ConfigDir, Overrides


def export(overrides: Overrides = None, config_dir: ConfigDir = None) -> None:
    """Write a policy, or a controller that needs no training, for firmware and other programs.

    \b
    Examples:
      rldbs export run=last format=c
      rldbs export run=zoo:hr-ppo format=onnx folder=policy
      rldbs export agent=pd model=hr format=c name=pd

    \b
    Formats:
      format=c       C99: a header, a source and a program that checks them
      format=onnx    a network for ONNX runtimes; needs onnx and onnxruntime
      format=torch   a network as a program of torch.export
      format=numpy   a network as arrays, and a program that needs NumPy alone

    RUN is named as for rldbs evaluate, with checkpoint=best, last or a number; agent=… is a
    controller from its settings. Everything goes to a new folder under runs/exports/, or to
    folder=DIR. name=NAME is what files and functions are called; decisions=500 of a closed
    loop are what copies are held against. More: rldbs guide exporting
    """
    from rldbs.commands.export_request import export_one

    export_one(overrides or [], config_dir)
