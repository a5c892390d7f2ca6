"""Importing titles, copies, members and loans from tables: read, map, check, write, account for every row."""
