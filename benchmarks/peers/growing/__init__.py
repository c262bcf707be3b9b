"""The peers of `make bench-growth` and `make bench-memory`: many upstreams, large bodies, errors of upstreams."""
