"""The gate: may a version take the place of another?"""
