# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxies that are compared, each with the same work: three listeners (plaintext → plaintext, plaintext → mTLS,
mTLS → mTLS), one for HTTP/2, a JSON access log, an access rule and statistics."""
import json
import os
import socket
import subprocess
import time


# nginx's workers would give up root's rights to read the configuration's files.
NGINX_USER = "user root;" if os.getuid() == 0 else ""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for_port(port, limit=60):
    end = time.time() + limit
    while time.time() < end:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    raise RuntimeError(f"nothing listens on port {port}")


def make_pki(folder):
    """A CA, a server and a client certificate, P-256 each."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-days", "30", "-subj", "/CN=bench CA")
    for name, san in (("server", "DNS:test.com"), ("client", "URI:spiffe://test.client")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.csr", "-subj", f"/CN={name}")
        with open(f"{folder}/{name}.ext", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={san}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "30", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    for name in ("server", "client"):  # HAProxy wants both in one file
        with open(f"{folder}/{name}.both.pem", "w", encoding="utf-8") as both:
            for part in (f"{name}.pem", f"{name}.key"):
                with open(f"{folder}/{part}", encoding="utf-8") as file:
                    both.write(file.read())


class Proxy:
    """One proxy under test. `ports` has plain, egress (plaintext → mTLS), mesh (mTLS → mTLS) and h2."""
    name = ""

    def __init__(self, folder, upstream, workers=1, hosts=0):
        self.folder = f"{folder}/{self.name}"
        os.makedirs(self.folder, exist_ok=True)
        self.pki = folder
        self.upstream = upstream
        self.workers = workers
        self.hosts = hosts
        self.ports = dict(zip(("plain", "egress", "mesh", "h2"), free_ports(4)))
        self.process = None
        self.start_seconds = 0.0

    def command(self):
        raise NotImplementedError

    def write_configuration(self):
        raise NotImplementedError

    def reload(self):
        """Takes over the configuration file again, as an operator would make it do so."""
        raise NotImplementedError

    def generation(self):
        """Something that is different once a reload is in effect: here, the processes that serve."""
        return frozenset(self.pids())

    def reload_seconds(self, limit=60):
        before = self.generation()
        begin = time.time()
        self.reload()
        while time.time() - begin < limit:
            if self.generation() - before:
                return time.time() - begin
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} did not take over its configuration")

    def start(self, cores):
        self.write_configuration()
        begin = time.time()
        with open(f"{self.folder}/output", "wb") as output:
            self.process = subprocess.Popen(["taskset", "-c", cores, *self.command()], stdout=output, stderr=output)
        try:
            wait_for_port(self.ports["h2"])
        except RuntimeError:
            with open(f"{self.folder}/output", encoding="utf-8", errors="replace") as output:
                raise RuntimeError(f"{self.name} did not start:\n{output.read()[-2000:]}") from None
        self.start_seconds = time.time() - begin

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def pids(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [self.process.pid, *(int(pid) for pid in children.stdout.split())]

    def cpu_seconds(self):
        """Processor time of all threads so far, from the scheduler's nanoseconds."""
        total = 0
        for pid in self.pids():
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                        total += int(file.read().split()[0])
            except FileNotFoundError:
                continue
        return total / 1e9

    def resident_kib(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        return total


ISTIO_LOG = {
    "start_time": "%START_TIME%", "method": "%REQ(:METHOD)%", "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%", "response_code": "%RESPONSE_CODE%", "response_flags": "%RESPONSE_FLAGS%",
    "response_code_details": "%RESPONSE_CODE_DETAILS%", "connection_termination_details": "%CONNECTION_TERMINATION_DETAILS%",
    "upstream_transport_failure_reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%", "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%", "duration": "%DURATION%",
    "upstream_service_time": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%", "x_forwarded_for": "%REQ(X-FORWARDED-FOR)%",
    "user_agent": "%REQ(USER-AGENT)%", "request_id": "%REQ(X-REQUEST-ID)%", "authority": "%REQ(:AUTHORITY)%",
    "upstream_host": "%UPSTREAM_HOST%", "upstream_cluster": "%UPSTREAM_CLUSTER%",
    "upstream_local_address": "%UPSTREAM_LOCAL_ADDRESS%", "downstream_local_address": "%DOWNSTREAM_LOCAL_ADDRESS%",
    "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%", "requested_server_name": "%REQUESTED_SERVER_NAME%",
    "route_name": "%ROUTE_NAME%",
}


class EnvoyLike(Proxy):
    """Envoy and our gateway run the same file."""

    def bootstrap(self):
        types = "type.googleapis.com/envoy.extensions."

        def file(name):
            return {"filename": f"{self.pki}/{name}"}

        def tls(kind, name):
            context = {"common_tls_context": {
                "tls_certificates": [{"certificate_chain": file(f"{name}.pem"), "private_key": file(f"{name}.key")}],
                "validation_context": {"trusted_ca": file("ca.pem")}}}
            context["@type"] = types + f"transport_sockets.tls.v3.{kind}"
            context.update({"sni": "test.com"} if kind == "UpstreamTlsContext" else {"require_client_certificate": True})
            return {"name": "envoy.transport_sockets.tls", "typed_config": context}

        def listener(name, cluster, secure):
            routes = [{"match": {"path": "/local"}, "direct_response": {"status": 200, "body": {"inline_string": "local"}}},
                      {"match": {"prefix": "/"}, "route": {"cluster": cluster}}]
            hosts = [{"name": f"host-{i}", "domains": [f"host-{i}.test"], "routes": routes} for i in range(self.hosts if name == "egress" else 0)]
            manager = {
                "@type": types + "filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": name,
                "route_config": {"name": name, "virtual_hosts": [*hosts, {"name": "all", "domains": ["*"], "routes": routes}]},
                "access_log": [{"name": "envoy.access_loggers.file", "typed_config": {
                    "@type": types + "access_loggers.file.v3.FileAccessLog", "path": f"{self.folder}/access.log",
                    "log_format": {"json_format": ISTIO_LOG}}}],
                "http_filters": [
                    {"name": "envoy.filters.http.rbac", "typed_config": {
                        "@type": types + "filters.http.rbac.v3.RBAC",
                        "rules": {"action": "DENY", "policies": {"ns[default]-policy[bench]-rule[0]": {
                            "permissions": [{"and_rules": {"rules": [{"header": {"name": ":authority", "string_match": {"exact": "test.com"}}},
                                                                     {"url_path": {"path": {"exact": "/headers"}}}]}}],
                            "principals": [{"any": True}]}}}}},
                    {"name": "envoy.filters.http.router", "typed_config": {"@type": types + "filters.http.router.v3.Router"}}]}
            chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
            if secure:
                chain["transport_socket"] = tls("DownstreamTlsContext", "server")
            return {"name": name, "address": {"socket_address": {"address": "127.0.0.1", "port_value": self.ports[name]}},
                    "filter_chains": [chain]}

        def cluster(name, port, secure):
            result = {"name": name, "type": "STATIC", "connect_timeout": "5s",
                      "circuit_breakers": {"thresholds": [{"max_connections": 100000, "max_pending_requests": 100000,
                                                           "max_requests": 100000}]},
                      "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
                          "socket_address": {"address": "127.0.0.1", "port_value": port}}}}]}]}}
            if secure:
                result["transport_socket"] = tls("UpstreamTlsContext", "client")
            return result

        return {"admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
                "static_resources": {
                    "listeners": [listener("plain", "plain", False), listener("egress", "secure", False),
                                  listener("mesh", "secure", True), listener("h2", "secure", False)],
                    "clusters": [cluster("plain", self.upstream["plain"], False),
                                 cluster("secure", self.upstream["secure"], True)]}}

    def write_configuration(self):
        with open(f"{self.folder}/bootstrap.json", "w", encoding="utf-8") as file:
            json.dump(self.bootstrap(), file)


class Sallyport(EnvoyLike):
    name = "sallyport"
    program = ""

    def command(self):
        return [self.program, "-c", f"{self.folder}/bootstrap.json", "--concurrency", str(self.workers)]

    def reload(self):
        self.process.send_signal(1)

    def generation(self):
        with open(f"{self.folder}/output", encoding="utf-8") as output:
            return frozenset(range(output.read().count("is in effect") + 1))


class Envoy(EnvoyLike):
    name = "envoy"
    program = ""

    def command(self):
        return [self.program, "-c", f"{self.folder}/bootstrap.json", "--concurrency", str(self.workers),
                "--disable-hot-restart", "-l", "error"]

    def reload(self):
        raise NotImplementedError("Envoy takes changes by xDS; a static file needs a restart")


class Nginx(Proxy):
    name = "nginx"

    def command(self):
        return ["nginx", "-p", self.folder, "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log"]

    def write_configuration(self):
        fields = ",".join(f'"{key}":"${variable}"' for key, variable in (
            ("start_time", "time_iso8601"), ("method", "request_method"), ("path", "request_uri"),
            ("protocol", "server_protocol"), ("response_code", "status"), ("bytes_received", "request_length"),
            ("bytes_sent", "body_bytes_sent"), ("duration", "request_time"), ("upstream_service_time", "upstream_response_time"),
            ("x_forwarded_for", "http_x_forwarded_for"), ("user_agent", "http_user_agent"), ("request_id", "request_id"),
            ("authority", "host"), ("upstream_host", "upstream_addr"), ("upstream_cluster", "proxy_host"),
            ("downstream_local_address", "server_addr"), ("downstream_remote_address", "remote_addr"),
            ("requested_server_name", "ssl_server_name")))
        secure = (f"proxy_ssl_certificate {self.pki}/client.pem; proxy_ssl_certificate_key {self.pki}/client.key; "
                  f"proxy_ssl_trusted_certificate {self.pki}/ca.pem; proxy_ssl_verify on; proxy_ssl_name test.com; "
                  "proxy_ssl_server_name on;")
        server_tls = (f"ssl_certificate {self.pki}/server.pem; ssl_certificate_key {self.pki}/server.key; "
                      f"ssl_client_certificate {self.pki}/ca.pem; ssl_verify_client on; ssl_session_cache shared:s:10m; "
                      "ssl_protocols TLSv1.2 TLSv1.3;")

        def server(port, options, target, tls_lines, names="_"):
            scheme = "https" if target == "secure" else "http"
            return f"""
            server {{ listen 127.0.0.1:{port} {options}; server_name {names}; {tls_lines}
              location = /headers {{ if ($host = test.com) {{ return 403; }} proxy_pass {scheme}://{target}; }}
              location = /local {{ return 200 local; }}
              location / {{ proxy_pass {scheme}://{target}; {secure if target == "secure" else ""} }} }}"""

        ports = self.ports
        servers = [server(ports["plain"], "default_server", "plain", ""), server(ports["egress"], "default_server", "secure", ""),
                   server(ports["mesh"], "ssl default_server", "secure", server_tls),
                   server(ports["h2"], "http2 default_server", "secure", "")]
        if self.hosts:  # a server each would load its own TLS client certificates ten thousand times
            servers.append(server(ports["egress"], "", "secure", "", " ".join(f"host-{i}.test" for i in range(self.hosts))))
        with open(f"{self.folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"""
            {NGINX_USER} daemon off; worker_processes {self.workers}; pid {self.folder}/pid; worker_rlimit_nofile 60000;
            events {{ worker_connections 30000; }}
            http {{
              log_format istio escape=json '{{{fields}}}';
              access_log {self.folder}/access.log istio buffer=64k flush=1s;
              server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
              keepalive_requests 100000000; keepalive_timeout 600s; client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
              fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
              proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Request-Id $request_id;
              upstream plain {{ server 127.0.0.1:{self.upstream["plain"]}; keepalive 1024; keepalive_requests 100000000; }}
              upstream secure {{ server 127.0.0.1:{self.upstream["secure"]}; keepalive 1024; keepalive_requests 100000000; }}
              {"".join(servers)}
            }}""")

    def reload(self):
        self.process.send_signal(1)


class Haproxy(Proxy):
    name = "haproxy"

    def command(self):
        return ["haproxy", "-W", "-db", "-f", f"{self.folder}/haproxy.cfg"]

    def write_configuration(self):
        fields = ",".join(f'\\"{key}\\":\\"%{value}\\"' for key, value in (
            ("start_time", "tr"), ("method", "HM"), ("path", "HU"), ("protocol", "HV"), ("response_code", "ST"),
            ("response_flags", "tsc"), ("bytes_received", "U"), ("bytes_sent", "B"), ("duration", "Ta"),
            ("upstream_service_time", "Tr"), ("request_id", "ID"), ("upstream_host", "si:%sp"), ("upstream_cluster", "b"),
            ("upstream_local_address", "bi:%bp"), ("downstream_local_address", "fi:%fp"),
            ("downstream_remote_address", "ci:%cp"), ("authority", "[capture.req.hdr(0)]"),
            ("user_agent", "[capture.req.hdr(1)]"), ("x_forwarded_for", "[capture.req.hdr(2)]")))

        def frontend(name, bind, backend):
            return f"""
frontend {name}
  bind 127.0.0.1:{self.ports[name]} {bind}
  option httplog
  log-format "{{{fields}}}"
  capture request header Host len 64
  capture request header User-Agent len 64
  capture request header X-Forwarded-For len 64
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  option forwardfor
  http-request return status 200 content-type text/plain string local if {{ path /local }}
  http-request deny if {{ path /headers }} {{ req.hdr(host) test.com }}
  {f"use_backend %[req.hdr(host),map({self.folder}/hosts.map,secure)]" if self.hosts and name == "egress" else ""}
  default_backend {backend}
"""
        with open(f"{self.folder}/hosts.map", "w", encoding="utf-8") as file:
            file.writelines(f"host-{i}.test secure\n" for i in range(self.hosts))
        mutual = f"ssl crt {self.pki}/server.both.pem ca-file {self.pki}/ca.pem verify required"
        with open(f"{self.folder}/haproxy.cfg", "w", encoding="utf-8") as file:
            file.write(f"""
global
  nbthread {self.workers}
  maxconn 8000
  log stdout format raw local0
defaults
  mode http
  log global
  option http-keep-alive
  http-reuse always
  timeout client 600s
  timeout server 600s
  timeout connect 5s
backend plain
  server up 127.0.0.1:{self.upstream["plain"]} pool-max-conn 1024
backend secure
  server up 127.0.0.1:{self.upstream["secure"]} ssl crt {self.pki}/client.both.pem ca-file {self.pki}/ca.pem verify required sni str(test.com) verifyhost test.com pool-max-conn 1024
{frontend("plain", "", "plain")}{frontend("egress", "", "secure")}{frontend("mesh", mutual, "secure")}{frontend("h2", "proto h2", "secure")}
""")

    def reload(self):
        self.process.send_signal(12)


class Upstream:
    """What stands behind every proxy: nginx with files of 1 KiB, 64 KiB and 1 MiB, plaintext and mTLS."""

    def __init__(self, folder):
        self.folder = f"{folder}/upstream"
        os.makedirs(self.folder, exist_ok=True)
        plain, secure = free_ports(2)
        self.ports = {"plain": plain, "secure": secure}
        for name, size in (("1k", 1024), ("64k", 65536), ("1m", 1 << 20)):
            with open(f"{self.folder}/{name}", "wb") as file:
                file.write(b"0123456789abcdef" * (size // 16))
        with open(f"{self.folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"""
            {NGINX_USER} daemon off; worker_processes 1; pid {self.folder}/pid; worker_rlimit_nofile 60000;
            events {{ worker_connections 30000; }}
            http {{ access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 600s; root {self.folder}; open_file_cache max=10;
              client_body_temp_path {self.folder}/b; proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f;
              uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
              server {{ listen 127.0.0.1:{plain} backlog=4096; }}
              server {{ listen 127.0.0.1:{secure} ssl backlog=4096; ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
                        ssl_client_certificate {folder}/ca.pem; ssl_verify_client on; ssl_session_cache shared:s:10m;
                        ssl_prefer_server_ciphers on; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256; }}
            }}""")
        self.process = None

    def start(self, cores):
        self.process = subprocess.Popen(["taskset", "-c", cores, "nginx", "-p", self.folder, "-c", f"{self.folder}/nginx.conf",
                                         "-e", f"{self.folder}/error.log"])
        wait_for_port(self.ports["secure"])

    def stop(self):
        self.process.terminate()
        self.process.wait()
