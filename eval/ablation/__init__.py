"""What does one choice change? A family of runs that differ in it alone, trained by one command, and its table."""
