"""What each route does: decode, call the flow, answer."""
