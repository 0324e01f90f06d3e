"""Other KAN libraries' names, on our own engine: what a notebook written for them needs to run here."""
