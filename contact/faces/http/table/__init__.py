"""The one table of routes, in parts."""
