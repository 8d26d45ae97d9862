"""Calls through voice menus, what they teach, and the answers that wait for the next."""
