"""Long work: written down, done, its progress told."""
