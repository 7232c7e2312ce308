"""The storefront world: a shop with orders, subscriptions and two prediction tables, and 500 questions about it.

Everything here is generated from one seed: `script.py` writes the database, `questions/` holds the families of
questions, and `splits.py` deals them to train, validation and test.
"""
