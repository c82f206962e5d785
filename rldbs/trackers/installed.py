"""Whether the packages of others that a tracker needs are there."""

from importlib.util import find_spec


def lacking(name: str, *modules: str) -> str | None:
    """What to install where a module is not there; None where all are.

    Args:
        name: of the tracker, and of the extra of this package that brings what it needs.
        modules: the modules, none of which is imported.
    """
    for module in modules:
        if find_spec(module) is None:
            return f"needs {module}, which is not installed: pip install {module}, or '.[{name}]' in a clone"
    return None
