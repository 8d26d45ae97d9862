"""Data in, contacts out: imports, plans, outcomes, and why a contact is or is not allowed."""
