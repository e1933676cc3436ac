"""The database: engine, sessions, ids, the columns that every row has, migrations.

Importing this package imports nothing: ``verticore plugins list`` reads one table and must not pay for SQLModel
and Alembic.
"""
