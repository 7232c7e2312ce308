"""A model behind an OpenAI-compatible endpoint: asked within limits and budgets, tried again, never twice.

Whoever wants answers says what to ask (`wish.Wish`) and keeps what comes (`asker.Keeper`). Importing it imports neither
torch nor TRL.
"""
