"""Ask a database in words: a policy writes the query, the lab's sandbox runs it."""
