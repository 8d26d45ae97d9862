"""The race-and-kill run: many processes want the same places, some are killed, and SQL of its own judges the ledger."""
