"""The wheel as its users get it, with nothing of the repository beside it."""
