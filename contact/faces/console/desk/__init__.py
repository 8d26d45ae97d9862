"""The agent's desk, a customer's card, and their tariffs."""
