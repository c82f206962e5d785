"""Counts in words: one step, two steps."""


def counted(count: int, thing: str) -> str:
    """So many things.

    Example:
        >>> counted(1, "unseen population"), counted(1000, "step")
        ('1 unseen population', '1,000 steps')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
