"""The mesh's own API (docs/native.asyncapi.yaml)."""
