"""Is one policy better than another on the same questions? One page, Markdown and JSON with the same numbers."""
