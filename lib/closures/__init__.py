"""Changes of the opening days: shown first, applied with every date they move, taken back whole."""
