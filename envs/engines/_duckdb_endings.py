"""What DuckDB's errors mean, as a `Status`."""

from envs.execution import Status

_CLASS = {
    "ParserException": Status.SYNTAX,
    "SyntaxException": Status.SYNTAX,
    "PermissionException": Status.FORBIDDEN,
    "TransactionException": Status.FORBIDDEN,
    "OutOfMemoryException": Status.MEMORY,
    "MemoryError": Status.MEMORY,
    "InterruptException": Status.TIMEOUT,
    "ConversionException": Status.TYPE,
    "TypeMismatchException": Status.TYPE,
    "ConstraintException": Status.CONSTRAINT,
    "TypeError": Status.ENCODING,
    "RuntimeError": Status.ENCODING,
    "UnicodeEncodeError": Status.ENCODING,
    "BinderException": Status.SEMANTIC,
}
_MESSAGE = [
    ("mbiguous", Status.AMBIGUOUS),
    ("Table with name", Status.MISSING_TABLE),
    ("View with name", Status.MISSING_TABLE),
    ("Referenced table", Status.MISSING_TABLE),
    ("unction with name", Status.MISSING_FUNCTION),
    ("Referenced column", Status.MISSING_COLUMN),
    ("does not have a column", Status.MISSING_COLUMN),
    ("not found in FROM clause", Status.MISSING_COLUMN),
    ("No function matches", Status.TYPE),
    ("Cannot compare values", Status.TYPE),
    ("file system operations are disabled", Status.FORBIDDEN),
    ("disabled by configuration", Status.FORBIDDEN),
    ("read-only", Status.FORBIDDEN),
    ("locked", Status.FORBIDDEN),
]


def ending(error: BaseException) -> Status:
    """How a statement ended that raised `error`."""
    name, text = type(error).__name__, str(error)
    if name in ("BinderException", "CatalogException", "InvalidInputException", "PermissionException", "Error"):
        for part, status in _MESSAGE:
            if part in text:
                return status
    return _CLASS.get(name, Status.RUNTIME)
