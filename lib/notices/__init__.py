"""Messages owed to somebody: the outbox, and how each kind reads.

A notice is queued in the transaction that caused it; delivery is a job of its own.
"""
