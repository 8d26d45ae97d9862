"""Rules written, checked, explained, tried, published, taken back."""
