"""Customers counted, kept as segments and lists, clustered."""
