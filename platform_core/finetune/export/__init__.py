"""Bringing a version into another form: one ONNX graph of encoder, table network and head; fp32, or 8-bit weights.

A new version is registered beside its parent, after both have answered the same examples.
"""
