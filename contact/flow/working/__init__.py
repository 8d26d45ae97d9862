"""People and gateways at work: the next task, its card, its hand-over and its outcome."""
