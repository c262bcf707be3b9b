"""`database.py create|drop NAME`: a PostgreSQL database for the benchmark alone; POSTGRESQL says where."""

import os
import sys

import psycopg
from psycopg import sql

host, port, user, name = os.environ["POSTGRESQL"].split()
with psycopg.connect(
    host=host, port=port, user=user, dbname="postgres", autocommit=True, connect_timeout=3
) as server:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    if sys.argv[1] == "create":
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
