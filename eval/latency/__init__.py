"""How long a policy's answers take: one question at a time, many at once, and what that needs of the machine."""
