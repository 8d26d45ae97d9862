"""The demonstration operator and the parties it plays: imports nothing of the product, talks HTTP."""
