"""Encoder residency, mixed-head batching, routing, explanation."""
