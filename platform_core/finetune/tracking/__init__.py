"""Tracking: what a run's loop tells goes to the database, and to TensorBoard and MLflow where they are chosen.

The loop only appends to a list; one thread of the run hands it to the *sinks* every other second. So neither a locked
database, a full disk nor a slow server holds the training up, and none of them ends it.
"""
