"""What is known of customers as immutable files, and what is laid over them."""
