"""Mutation testing: each small change to a rule must be noticed by a test. `python3 manage.py mutants`."""
