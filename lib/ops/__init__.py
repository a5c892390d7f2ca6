"""Work across the whole library: schema, import and export, the integrity check, the demo library."""
