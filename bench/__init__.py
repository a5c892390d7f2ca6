"""Measures: ratios in one run, subject and reference interleaved, seeds fixed. `manage.py bench` runs them."""
