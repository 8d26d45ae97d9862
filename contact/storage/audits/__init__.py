"""What happened cannot be rewritten unseen: chains, anchors, digests, and the check of the ledger."""
