"""The contact ledger: count, insert, permit, confirm, correct, sweep."""
