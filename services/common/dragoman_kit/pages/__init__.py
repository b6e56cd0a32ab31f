"""Pages for people as plain files: how a service serves them, and the design that all of them share."""
