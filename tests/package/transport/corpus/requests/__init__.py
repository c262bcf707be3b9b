"""The requests of the corpus, by name."""

from transport.corpus.requests import bodies, headers, paths, queries

REQUEST_TOPICS = {
    "Paths": paths.CASES,
    "Queries": queries.CASES,
    "Methods and bodies": bodies.CASES,
    "Headers and credentials": headers.CASES,
}
REQUESTS = {name: case for cases in REQUEST_TOPICS.values() for name, case in cases.items()}
