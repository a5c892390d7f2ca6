"""Reads across the whole library: numbers with their trend. Writes nothing."""
