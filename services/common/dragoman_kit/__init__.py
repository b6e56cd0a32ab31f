"""Common parts of every dragoman service: bus, settings, logging, telemetry, health and drain."""
