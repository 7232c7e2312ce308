"""Know, not hope: generate, score and compare. It meets the other commands through files only."""
