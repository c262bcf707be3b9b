"""Ties to other packages, and helpers for APIs. Nothing else in this package needs them."""
