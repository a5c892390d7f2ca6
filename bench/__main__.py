"""`python -m bench [NAME] [--json] [--small | --size SIZE]`: runs every measure, or one, and tells its figures."""

import argparse
import importlib
import json
import pkgutil
from types import ModuleType

import bench


def measures() -> dict[str, ModuleType]:
    """Every module of this package that measures something, by its NAME."""
    names = (found.name for found in pkgutil.iter_modules(bench.__path__) if found.name != "__main__")
    modules = (importlib.import_module(f"bench.{name}") for name in names)
    return {module.NAME: module for module in modules if hasattr(module, "NAME") and hasattr(module, "run")}


def main() -> None:
    """Runs what the command line asks for."""
    known = measures()
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(known), help="which measure; none: all")
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    parser.add_argument(
        "--small", action="store_const", const="small", dest="size", default="medium", help="small data"
    )
    parser.add_argument("--size", choices=("small", "medium", "large"), default="medium")
    asked = parser.parse_args()
    results = [known[name].run(asked.size) for name in ([asked.name] if asked.name else sorted(known))]
    if asked.json:
        print(json.dumps([{key: value for key, value in one.items() if key != "table"} for one in results], indent=2))
        return
    for result in results:
        print(f"{result['name']} ({result['size']})\n{result['table']}\n{result['machine']}\n")


if __name__ == "__main__":
    main()
