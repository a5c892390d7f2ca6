"""Prints the API's description (OpenAPI 3.1) as JSON: `python -m lib.api.openapi`."""

import json
import sys

from lib.api.app import api

if __name__ == "__main__":
    json.dump(api.openapi(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
