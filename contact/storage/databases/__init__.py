"""Two databases behind one shape, their clock, their statements and what is durable beside them."""
