"""Honours the `Idempotency-Key` of clients: `@idempotent`."""
