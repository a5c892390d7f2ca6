"""Tome Nexus: the rooms of a library. docs/architecture.md is the map."""
