"""Worlds: small invented databases with questions and gold SQL, generated from a seed.

`domains.yaml` holds the vocabulary (a domain's tables, columns, values, wording); `world.py` draws a database from a
domain; `questions/` asks about it, one family of SQL a file; `generate.py` puts rows together, checked by running them.
"""
