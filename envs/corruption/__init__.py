"""Golds with one typed mistake, written as the gold is: wrong queries that need no policy. Nothing is executed here."""
