"""A number of seconds as a person says it."""


def duration(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min 5 s", "5 h 12 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"
