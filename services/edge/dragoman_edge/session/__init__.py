"""A session: its life, its state, and the parts that it is made of."""
