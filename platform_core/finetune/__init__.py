"""Recipes become runs, runs become model versions: the loop, its checkpoints, and the records of both."""
