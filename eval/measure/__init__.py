"""Every number of an evaluation, in one table over scored samples; no model, no database."""
