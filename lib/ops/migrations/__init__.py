"""Steps from one schema to the next, run by lib/ops/schema.py through Alembic.

Scripts are numbered; a released one is never edited. `manage.py migrate --draft "what changes"` writes the next.
"""
