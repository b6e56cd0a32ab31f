"""The bus contract: events, subjects, audio frames, errors and their codec."""
