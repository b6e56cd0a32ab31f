"""Faults on a real mesh, and what its clients got in spite of them."""
