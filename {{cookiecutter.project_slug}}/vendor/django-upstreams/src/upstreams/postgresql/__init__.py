"""Django's PostgreSQL backend with a pool that outlives outages: `ENGINE = "upstreams.postgresql"`."""
