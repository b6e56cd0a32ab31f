"""Models by name: the catalogue, their sources, and the folder in which they are kept and checked."""
