"""Answers of a model behind an OpenAI-compatible endpoint: asked within limits, kept as they come, never twice.

Nothing is judged here: answers become pairs where they are executed. Importing it imports neither torch nor TRL.
"""
