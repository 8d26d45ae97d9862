"""Customers as rules know them, now and as they were; who they are, and what was decided about them."""
