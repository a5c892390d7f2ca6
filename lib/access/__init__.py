"""Who may do what, and in which transaction.

Actors, permissions, the unit of work, and acts that must happen once.
"""
