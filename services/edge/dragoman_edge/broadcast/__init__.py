"""A broadcast: the host's side, who may watch, and the viewers of this replica."""
