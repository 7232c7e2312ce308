"""Preferences taught directly (DPO and its family): a right answer made likelier than a wrong one, both executed."""
