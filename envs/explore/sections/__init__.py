"""The parts of the page, in the order of what a person asks first; each takes the facts and returns lines of HTML."""
