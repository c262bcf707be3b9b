"""Says what to type next."""

import json

ANSWERS = json.loads(r"""{{ cookiecutter | jsonify }}""")

print(f"Next:\n    cd {ANSWERS['project_slug']}\n    make dev")
