"""The dragoman command: up, translate, keys, models, doctor."""
