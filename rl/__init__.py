"""Learn from consequences: one trainer a file."""
