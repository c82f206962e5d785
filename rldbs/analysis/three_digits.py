"""Numbers as they are shown: with three digits, and whole ones in groups of three."""


def three_digits(value: float) -> str:
    """A number with three digits, such as 2,210 or 0.00824 or 1.35e-4."""
    size = abs(value)
    if size != 0 and size < 1e-3:
        return f"{value:.2e}".replace("e-0", "e-")
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
