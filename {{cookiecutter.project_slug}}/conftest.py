pytest_plugins = ["testing.plugin", "testing.database"]
