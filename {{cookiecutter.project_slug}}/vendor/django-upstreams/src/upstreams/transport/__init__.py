"""HTTP/1.1 (RFC 9112) over asyncio: requests, responses, connections, and the pool that keeps them."""
