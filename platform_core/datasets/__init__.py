"""Datasets: from users' files to immutable, content-addressed versions."""
