"""Turning edges into functions: the library, the affine fit, the ranking."""
