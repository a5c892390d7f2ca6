"""Files that more than one door hands out."""

from pathlib import Path

TONE = Path(__file__).parent / "tone.js"
