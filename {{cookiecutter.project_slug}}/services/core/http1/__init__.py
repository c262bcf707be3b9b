"""HTTP/1.1 (RFC 9112) over asyncio: what is sent, what comes back, connections, and the pool that keeps them."""
