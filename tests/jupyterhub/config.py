"""The Hub of tests/jupyterhub.sh: everything on loopback and below PLACE."""

import os
import sys

place = os.environ["PLACE"]
port, hub, proxy = (int(number) for number in os.environ["PORTS"].split())
students = [f"student{number + 1}" for number in range(int(os.environ["STUDENTS"]))]

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.pid_file = f"{place}/proxy.pid"
c.JupyterHub.db_url = f"sqlite:///{place}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{place}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set(students)
# Whoever runs the test: may begin lessons for others, and make their tokens.
c.JupyterHub.services = [{"name": "class", "api_token": os.environ["TOKEN"]}]
c.JupyterHub.load_roles = [{"name": "class", "services": ["class"], "scopes": ["admin:users", "admin:servers", "tokens"]}]

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{place}/home/{{username}}"
c.Spawner.cmd = [f"{sys.prefix}/bin/jupyterhub-singleuser"]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
c.Spawner.notebook_dir = "~/course"
# A slow machine that starts many at once.
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
# The kernel of all. Nobody is here to predict what a lesson asks for: its results show.
c.Spawner.environment = {"JUPYTER_PATH": f"{place}/system/share/jupyter", "GRADUS_PREDICTIONS": "open", "LANG": "C.UTF-8"}
