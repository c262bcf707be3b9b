"""The schemas that `startupstream --openapi` has recorded: what tests hold mocks to, and examples of responses."""
