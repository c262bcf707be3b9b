"""The servers, each with a small configuration in a folder of the test's own."""

import signal
import sys
from pathlib import Path

from servers.programs import OTHER, Program, free_port, path_of

HERE = Path(__file__).parent
NGINX = """
daemon off; {user} pid nginx.pid; worker_processes 2; error_log stderr notice;
events {{ worker_connections 256; }}
http {{
    access_log off; types {{ text/plain txt; }} gzip on; gzip_min_length 1; client_max_body_size 20m;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    upstream origin {{ server 127.0.0.1:{origin}; keepalive 8; }}
    server {{
        {listen} {keys}
        location /static/ {{ alias {folder}/; }}
        location / {{ proxy_pass http://origin/; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""
APACHE = """
ServerName localhost
ServerRoot {folder}
PidFile apache.pid
Listen 127.0.0.1:{port}
ErrorLog /dev/stderr
LogLevel notice
StartServers 1
{modules}
<Directory {folder}>
    Require all granted
</Directory>
TypesConfig /dev/null
AddType text/plain .txt
Alias /static {folder}
AddOutputFilterByType DEFLATE text/plain
ProxyPass /static !
ProxyPass / http://127.0.0.1:{origin}/
"""
MODULES = ["mpm_event", "authz_core", "mime", "alias", "deflate", "filter", "headers", "proxy", "proxy_http"]
HAPROXY = """
global
    hard-stop-after 20s
defaults
    mode http
    timeout connect 10s
    timeout client 30s
    timeout server 30s
listen front
    bind 127.0.0.1:{port}
    {keys}
    server origin 127.0.0.1:{origin}
"""
SQUID = """
http_port 127.0.0.1:{port} {keys}
pid_filename none
cache deny all
access_log none
cache_log /dev/stderr
cache_store_log none
pinger_enable off
http_access allow all
shutdown_lifetime 0 seconds
visible_hostname localhost
coredump_dir {folder}
"""
REVERSE = "cache_peer 127.0.0.1 parent {origin} 0 no-query originserver"
TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 30
LogLevel Notice
MaxClients 100
"""


def origin(folder):
    port = free_port()
    return Program([sys.executable, str(HERE / "origin.py"), str(port), str(folder)], port, folder)


def node(folder, *, keys="", **_):
    port = free_port()
    command = [path_of("node"), str(HERE / "origin.js"), str(port), str(folder)]
    return Program(command, port, folder, reloaded="reloaded")


def nginx(folder, origin, *, keys="", listen="listen 127.0.0.1:{port};"):
    port = free_port()
    parts = {"keys": keys, "listen": listen.format(port=port), "user": "user root;" if OTHER else ""}
    config = write(folder, NGINX, port=port, origin=origin.port, **parts)
    command = [path_of("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(config)]
    return Program(command, port, folder, reloaded="reconfiguring")


def apache(folder, origin, *, keys=""):
    port = free_port()
    program = path_of("apache2")
    there = "/usr/lib/apache2/modules"
    modules = "\n".join(f"LoadModule {name}_module {there}/mod_{name}.so" for name in MODULES)
    config = write(folder, APACHE + keys, port=port, origin=origin.port, modules=modules)
    command = [program, "-f", str(config), "-DFOREGROUND"]
    graceful = "Doing graceful restart"
    return Program(command, port, folder, reload=signal.SIGUSR1, reloaded=graceful, user=OTHER)


def haproxy(folder, origin, *, keys=""):
    port = free_port()
    config = write(folder, HAPROXY, port=port, origin=origin.port, keys=keys)
    command = [path_of("haproxy"), "-W", "-f", str(config)]
    return Program(command, port, folder, reload=signal.SIGUSR2, reloaded="New worker")


def squid(folder, origin, *, keys=""):
    port = free_port()
    peer = REVERSE.format(origin=origin.port) if keys else ""
    config = write(folder, SQUID + peer, port=port, keys=keys)
    command = [path_of("squid"), "-N", "-n", f"test{port}", "-f", str(config)]
    return Program(command, port, folder, reloaded="Reconfiguring Squid Cache", user=OTHER)


def tinyproxy(folder, origin, **_):
    port = free_port()
    config = write(folder, TINYPROXY, port=port)
    command = [path_of("tinyproxy"), "-d", "-c", str(config)]
    return Program(command, port, folder, reload=signal.SIGUSR1, reloaded="Reloading config file")


def http_server(folder, **_):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        str(folder.parent),
    ]
    return Program(command, port, folder)


def write(folder, config, **parts):
    file = folder / f"config-{parts['port']}"
    file.write_text(config.format(folder=folder, **parts))
    return file
