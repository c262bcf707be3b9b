"""Tokens with which programs authenticate: `Authorization: Bearer <token>`."""
