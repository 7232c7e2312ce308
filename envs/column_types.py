"""Names of column types that mean the same, such as INT and BIGINT, or VARCHAR(20) and TEXT."""

import re

_SYNONYMS = {
    "INTEGER": "INT BIGINT SMALLINT TINYINT MEDIUMINT HUGEINT INT1 INT2 INT4 INT8 LONG SHORT SIGNED",
    "VARCHAR": "TEXT CHAR STRING CLOB NVARCHAR NCHAR BPCHAR CHARACTER VARCHAR2 TINYTEXT MEDIUMTEXT LONGTEXT",
    "DOUBLE": "REAL FLOAT FLOAT4 FLOAT8 DECIMAL NUMERIC DEC NUMBER",
    "BOOLEAN": "BOOL LOGICAL",
    "TIMESTAMP": "DATETIME",
}
_WORDS = {"DOUBLE PRECISION": "DOUBLE", "CHARACTER VARYING": "VARCHAR", "UNSIGNED BIG INT": "INTEGER"}
_FAMILY = _WORDS | {name: family for family, names in _SYNONYMS.items() for name in names.split()}


def plain_type(name: str) -> str:
    """The one name of all synonyms of a type, without its length or precision."""
    bare = re.sub(r"\(.*?\)", "", name.upper()).strip()
    return _FAMILY.get(bare, bare)
