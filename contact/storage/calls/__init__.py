"""Calls through voice menus, their journeys, and answers fetched beforehand."""
