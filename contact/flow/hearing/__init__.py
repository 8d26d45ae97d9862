"""What the world tells: receipts, replies, events, consents given and withdrawn."""
