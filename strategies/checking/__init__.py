"""What is incomplete in a playbook, and what in it deserves a second look."""
