"""What DuckDB's errors mean, as a `Status`, and what of them may be told. For DuckDB 2.0."""

import re

from envs.execution import Status

_CLASS = {
    "ParserException": Status.SYNTAX,
    "SyntaxException": Status.SYNTAX,
    "CatalogException": Status.SEMANTIC,
    "BinderException": Status.SEMANTIC,
    "NotImplementedException": Status.SEMANTIC,
    "ConversionException": Status.TYPE,
    "TypeMismatchException": Status.TYPE,
    "ConstraintException": Status.CONSTRAINT,
    "PermissionException": Status.FORBIDDEN,
    "TransactionException": Status.FORBIDDEN,  # a write in a read-only transaction
    "OutOfMemoryException": Status.MEMORY,
    "MemoryError": Status.MEMORY,
    "InterruptException": Status.TIMEOUT,
    "TypeError": Status.ENCODING,
    "RuntimeError": Status.ENCODING,
    "UnicodeEncodeError": Status.ENCODING,
    "UnicodeDecodeError": Status.ENCODING,
    "InternalException": Status.CRASH,
    "FatalException": Status.CRASH,
    "ConnectionException": Status.CRASH,
}
_MESSAGE = {
    "CatalogException": [
        (r"(Table|View) with name .* does not exist", Status.MISSING_TABLE),
        (r"Function with name .* does not exist|Macro .* does not exist", Status.MISSING_FUNCTION),
        (r"is not an? (aggregate|scalar|table|window)", Status.MISSING_FUNCTION),
        (r"main key table of|depend", Status.CONSTRAINT),
        (r"disabled by configuration|read-only", Status.FORBIDDEN),
    ],
    "BinderException": [
        (r"mbiguous", Status.AMBIGUOUS),
        (r"Referenced table|Catalog \S+ does not exist", Status.MISSING_TABLE),
        (
            r"Referenced (update )?column|does not have a column|Column .* (not found|does not exist)",
            Status.MISSING_COLUMN,
        ),
        (r"No matching columns|Could not find key", Status.MISSING_COLUMN),
        (r"No function matches|Could not choose a best candidate|does not support the supplied arg", Status.TYPE),
        (r"Cannot (compare|mix|combine|extract field)|can only be applied to", Status.TYPE),
    ],
    "InvalidInputException": [
        (r"has been locked|read-only|Cannot call function", Status.FORBIDDEN),
        (r"Values were not provided for", Status.SEMANTIC),
        (r"Invalid UTF8|not valid UTF", Status.ENCODING),
    ],
    "InvalidTypeException": [(r".", Status.TYPE)],
    "IOException": [(r"disabled|read-only", Status.FORBIDDEN)],
}
_KNOWN = {name: [(re.compile(f"[^\\n]*?(?:{p})"), status) for p, status in rules] for name, rules in _MESSAGE.items()}
_PATH = re.compile(r"""(["']?)(?<![\w.])/[^"'\n]*\1""")


def ending(error: BaseException) -> Status:
    """How a statement ended that raised `error`; only the first line of a message speaks for it."""
    name, text = type(error).__name__, str(error)
    for pattern, status in _KNOWN.get(name, ()):
        if pattern.match(text):
            return status
    return _CLASS.get(name, Status.RUNTIME)


def sentence(error: BaseException) -> str:
    """The message without the excerpt of the SQL below it, and without paths where DuckDB speaks of files."""
    text = str(error).split("\n\nLINE ")[0][:300]
    return _PATH.sub("a file", text) if type(error).__name__ in ("PermissionException", "IOException") else text
