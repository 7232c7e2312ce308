"""The world: what is asked, and what happens when an answer runs. No torch here."""
