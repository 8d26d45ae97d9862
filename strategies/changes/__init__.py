"""What differs between two sets of texts, in words."""
