"""Who did what, in chains that show any later change.

One row a change, written in the change's own transaction.
"""
