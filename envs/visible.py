"""What models and files wrote, as text that a terminal or a page shows and obeys none of."""

import unicodedata


def visible(text: str) -> str:
    """Control characters, marks of direction, line separators and lone surrogates by their names, \\u202e."""
    return "".join(one if one in "\n\t" or one.isprintable() or _harmless(one) else _named(one) for one in text)


def _harmless(one: str) -> bool:
    return unicodedata.category(one) == "Zs" or unicodedata.category(one) in ("Co", "Cn")


def _named(one: str) -> str:
    return f"\\u{ord(one):04x}"
