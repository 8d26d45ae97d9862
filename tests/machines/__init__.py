"""State machines: the ledger, receipts and idempotency against sequential models of their own."""
