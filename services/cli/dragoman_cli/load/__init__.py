"""A load generator: many speakers at real-time pace, and how long they wait for what."""
