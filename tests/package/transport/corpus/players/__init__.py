"""Players send the requests of the corpus by one client each, and write down what it makes of the responses."""
