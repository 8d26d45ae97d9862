"""Delivered files: read strictly, checked whole, taken in at once or not at all."""
