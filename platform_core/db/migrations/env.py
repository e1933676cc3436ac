"""Where Alembic starts. The connection comes from :func:`platform_core.db.migrate.migrate`, inside its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,  # SQLite cannot alter a column; Alembic copies the table instead
    transactional_ddl=True,  # SQLite can, where the driver does not commit behind our back
)
with context.begin_transaction():
    context.run_migrations()
