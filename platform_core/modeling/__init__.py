"""Encoders, preprocessing, feature cache; a model = encoder + delta + head + decode: build, save, load."""
