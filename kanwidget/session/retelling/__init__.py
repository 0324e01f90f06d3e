"""A session told as Python, and done again."""
