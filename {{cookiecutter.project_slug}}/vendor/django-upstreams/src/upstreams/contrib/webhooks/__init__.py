"""Receives webhooks by the Standard Webhooks specification, each id once: `@webhook("billing")`."""
