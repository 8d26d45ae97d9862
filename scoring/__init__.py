"""Ground floor: what is computed about customers and about the effect of contacting them."""
