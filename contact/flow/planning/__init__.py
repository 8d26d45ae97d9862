"""Many customers, one day, and what came of it."""
