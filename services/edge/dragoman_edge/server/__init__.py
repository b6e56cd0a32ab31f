"""Sockets and HTTP: connections, from the handshake to the close code."""
