"""Preference data: for each question a right answer and a wrong one, both executed."""
