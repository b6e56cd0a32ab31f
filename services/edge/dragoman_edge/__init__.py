"""The only service a client sees: sockets, dialects and ordered reassembly."""
