"""Plays upstreams during development, from their recorded schemas and cassettes."""
