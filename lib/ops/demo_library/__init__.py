"""The Galactic Tome Nexus: what stands in the demo library, who reads there, and two years of their loans."""
