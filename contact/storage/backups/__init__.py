"""Backup, restore into quarantine, and the replay of opt-outs."""
