"""Customers counted, clustered, listed and taken in."""
