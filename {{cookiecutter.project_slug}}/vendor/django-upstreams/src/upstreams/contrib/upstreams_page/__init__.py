"""A page of the admin: the state of each upstream in every worker process, its latencies, and its last failed calls."""
