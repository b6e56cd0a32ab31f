"""What every dragoman service needs: bus, settings, logging, telemetry, health and drain."""
