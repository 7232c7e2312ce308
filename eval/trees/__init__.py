"""Queries as sqlglot trees: read safely, qualified by a schema, made canonical. For metrics, and for naming errors.

Nothing is executed, and no text raises or hangs: what the gate would not parse (over 20,000 characters, brackets nested
over 100 deep), what sqlglot cannot read, what recurses too deeply for it and what has over 2,000 nodes is None.
"""
