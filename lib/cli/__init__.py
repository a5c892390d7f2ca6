"""The command line: one module a family of commands, found through lib/cli/__main__.py."""
