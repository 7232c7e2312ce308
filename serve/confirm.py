"""Somebody at the keyboard says yes to what cannot be taken back."""

from envs.visible import visible


def confirmed(path: str | None) -> bool:
    """Only the whole word counts; the end of the input, and Ctrl-C, are no."""
    try:
        return input(f"Write this to {visible(str(path))} itself? There is no way back. Type yes: ").strip() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        return False
