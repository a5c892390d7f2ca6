"""The ground: clock, money, errors, database, settings, crypto, text.

Nothing here knows what a book is.
"""
