# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays every row of work against every proxy, several times in turn, and prints medians with their spread."""
import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import peers

PROXY_CORES = "0"
LOAD_CORES = "1"


class Load:
    def __init__(self, program, pki):
        self.program = program
        self.pki = pki

    def command(self, proxy, port, seconds, *, path="/1k", connections=32, rate=0, tls=False, mode="requests", resume=False, host="test.com",
                core=LOAD_CORES):
        command = ["taskset", "-c", core, self.program, "--port", str(proxy.ports[port]), "--seconds", str(seconds), "--path", path,
                   "--connections", str(connections), "--rate", str(rate), "--mode", mode, "--host", host, "--warm-up", "0.5"]
        if tls:
            command += ["--tls", "--cert", f"{self.pki}/client.pem", "--key", f"{self.pki}/client.key"]
        if resume:
            command.append("--resume")
        return command

    def run(self, proxy, port, seconds, **work):
        """What the load saw, with the proxy's CPU per answer while it measured (not while it warmed up)."""
        with subprocess.Popen(self.command(proxy, port, seconds, **work), stdout=subprocess.PIPE, text=True) as load:
            load.stdout.readline()
            before = proxy.cpu_seconds()
            last = load.stdout.readline()
            spent = proxy.cpu_seconds() - before
        if load.returncode != 0 or not last:
            raise RuntimeError(f"the load against {proxy.name} ended with {load.returncode}")
        return judged(proxy, json.loads(last), spent)

    def run_beside_each_worker(self, proxy, port, seconds, cores, **work):
        """Requests per second of one load on each of the proxy's cores."""
        loads = [subprocess.Popen(self.command(proxy, port, seconds, core=core, **work), stdout=subprocess.PIPE, text=True)
                 for core in cores.split(",")]
        results = [judged(proxy, json.loads(load.communicate()[0].splitlines()[-1]), 0) for load in loads]
        return {"rps": sum(result["rps"] for result in results)}


def judged(proxy, result, spent):
    if result["answers"]:
        result["cpu_us"] = spent * 1e6 / result["answers"]
        result["rps"] = result["answers"] / result["seconds"]
    if result["not200"] + result["broken"] > result["answers"] / 100:
        raise RuntimeError(f"{proxy.name} fails: {result}")
    return result


HTTP_ROWS = [
    # title, port, path, connections, tls
    ("plaintext → plaintext, 1 KiB, 32", "plain", "/1k", 32, False),
    ("plaintext → mTLS, 1 KiB, 32", "egress", "/1k", 32, False),
    ("mTLS → mTLS, 1 KiB, 32", "mesh", "/1k", 32, True),
    ("plaintext → mTLS, 1 KiB, 1000", "egress", "/1k", 1000, False),
    ("plaintext → mTLS, 64 KiB, 32", "egress", "/64k", 32, False),
    ("plaintext → mTLS, 1 MiB, 32", "egress", "/1m", 32, False),
]


def h2load(proxy, seconds):
    """h2load warms up by itself, for a second: the rest's share of the CPU is what counts."""
    before = proxy.cpu_seconds()
    begin = time.time()
    text = subprocess.run(["taskset", "-c", LOAD_CORES, "h2load", "-t1", "-c", "8", "-m", "4", "-D", str(max(1, round(seconds))),
                           "--warm-up-time=1", f"http://127.0.0.1:{proxy.ports['h2']}/1k"], capture_output=True, text=True, check=True).stdout
    spent = (proxy.cpu_seconds() - before) * max(1, round(seconds)) / (time.time() - begin)
    done = int(re.search(r"(\d+) succeeded", text).group(1))
    failed = int(re.search(r"(\d+) failed", text).group(1))
    return judged(proxy, {"answers": done, "seconds": max(1, round(seconds)), "not200": failed, "broken": 0}, spent)


def idle_memory(proxy, load):
    before = proxy.resident_kib()
    holder = subprocess.Popen([load.program, "--mode", "idle", "--connections", "2000", "--seconds", "3", "--port", str(proxy.ports["mesh"]),
                               "--path", "/1k", "--tls", "--cert", f"{load.pki}/client.pem", "--key", f"{load.pki}/client.key"],
                              stdout=subprocess.PIPE, text=True)
    if "open" not in holder.stdout.readline():
        raise RuntimeError("2,000 connections could not be opened")
    time.sleep(2)
    after = proxy.resident_kib()
    holder.wait()
    return (after - before) / 2000


def reloads(proxy, load):
    """Requests that fail while the proxy takes over its configuration fifty times."""
    command = ["taskset", "-c", LOAD_CORES, load.program, "--port", str(proxy.ports["egress"]), "--path", "/1k", "--connections", "16",
               "--rate", "1000", "--seconds", "11"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(1.2)
    for _ in range(50):
        proxy.reload()
        time.sleep(0.2)
    result = json.loads(running.communicate()[0].splitlines()[-1])
    return result["broken"] + result["not200"]


class Table:
    def __init__(self, names):
        self.names = names
        self.medians = {}  # row → name → median

    def add(self, title, values, digits=1):
        cells = []
        for name in self.names:
            samples = values.get(name)
            if not samples:
                cells.append("—")
                continue
            middle = statistics.median(samples)
            self.medians.setdefault(title, {})[name] = middle
            spread = f" ({min(samples):.{digits}f}–{max(samples):.{digits}f})" if len(samples) > 1 else ""
            cells.append(f"{middle:,.{digits}f}{spread}")
        print("| " + " | ".join([title, *cells]) + " |", flush=True)

    def head(self):
        print("| row | " + " | ".join(self.names) + " |\n| --- |" + " --- |" * len(self.names), flush=True)


def goals(table, failed, workers):
    """What the project promises, judged on this run's medians: (goal, what was measured, met)."""
    def at(title, *names):
        row = table.medians.get(title, {})
        values = [row[name] for name in names if name in row]
        return min(values) if len(values) and "sallyport" in row else None

    for title, *_ in HTTP_ROWS:
        cpu = f"{title}: CPU µs a request"
        ours, better, envoy = at(cpu, "sallyport"), at(cpu, "nginx", "haproxy"), at(cpu, "envoy")
        if better:
            yield f"{title}: CPU at most the better of nginx and HAProxy", f"{ours / better:.2f} ×", ours <= better
        if envoy:
            yield f"{title}: CPU at most 0.4 × Envoy", f"{ours / envoy:.2f} ×", ours <= 0.4 * envoy
    full = "full mTLS handshake: CPU µs"
    if at(full, "nginx"):
        part = at(full, "sallyport") / at(full, "nginx")
        yield "full mTLS handshake: CPU at most 0.6 × nginx", f"{part:.2f} ×", part <= 0.6
    idle = at("KiB per idle mTLS connection, 2,000 open", "sallyport")
    if idle:
        yield "at most 20 KiB per idle mTLS connection", f"{idle:.1f} KiB", idle <= 20
    tail = "plaintext → mTLS, 32, at 4,000/s: p999 µs"
    if at(tail, "envoy"):
        part = at(tail, "sallyport") / at(tail, "envoy")
        yield "p99.9 at a fixed rate no worse than Envoy", f"{part:.2f} ×", part <= 1
    if workers is not None:
        yield "two workers give at least 1.8 ×", f"{workers:.2f} ×", workers >= 1.8
    for name, count in failed.items():
        if name == "sallyport":
            yield "no request fails, also during 50 reloads", f"{count:.0f}", count == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--envoy", default=os.environ.get("SALLYPORT_ENVOY", ""))
    parser.add_argument("--only", default="", help="names of proxies, by comma")
    parser.add_argument("--rows", default="http,h2,rate,handshakes,idle,hosts,reloads,workers")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.2)
    parser.add_argument("--quick", action="store_true", help="two short rounds: shows that every row works, not what it costs")
    options = parser.parse_args()
    if options.quick:
        options.repeat, options.seconds = 2, 0.5
    peers.Sallyport.program = options.gateway
    peers.Envoy.program = options.envoy
    kinds = [peers.Sallyport, peers.Nginx, peers.Haproxy]
    if options.envoy:
        kinds.append(peers.Envoy)
    else:
        print("NOTE: there is no Envoy here (SALLYPORT_ENVOY): its column is left out.")
    if options.only:
        kinds = [kind for kind in kinds if kind.name in options.only.split(",")]
    folder = tempfile.mkdtemp(prefix="bench-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    try:
        compare(options, kinds, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def each(options, folder, upstream, kinds, action, workers=1, hosts=0, repeat=None, cores=PROXY_CORES):
    """`action` on a freshly started proxy of each kind, in turn, as often as asked: name → list of results."""
    results = {kind.name: [] for kind in kinds}
    for _ in range(repeat or options.repeat):
        for kind in kinds:
            proxy = kind(folder, upstream.ports, workers, hosts)
            proxy.start(cores)
            try:
                results[kind.name].append(action(proxy))
            finally:
                proxy.stop()
    return results


def pick(results, key):
    return {name: [sample[key] for sample in samples if key in sample] for name, samples in results.items()}


def versions(options):
    commands = [["nginx", "-v"], ["haproxy", "-v"], *([[options.envoy, "--version"]] if options.envoy else []), ["openssl", "version"]]
    found = []
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        number = re.search(r"\d+\.\d+\.\d+\S*", done.stdout + done.stderr)
        name = "envoy" if command[0] == options.envoy else command[0]
        found.append(f"{name} {number.group(0).split('/')[0] if number else '?'}")
    return ", ".join(found)


def compare(options, kinds, folder):
    peers.make_pki(folder)
    upstream = peers.Upstream(folder)
    upstream.start(LOAD_CORES)
    load = Load(options.load, folder)
    rows = options.rows.split(",")
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    print(f"{model}, {os.cpu_count()} cores, Linux {platform.release()}; the proxy on core {PROXY_CORES}, load and upstream on core "
          f"{LOAD_CORES}; {datetime.datetime.now():%Y-%m-%d %H:%M}; load average at the start {os.getloadavg()[0]:.2f}\n\n"
          f"`tests/bench/run {' '.join(sys.argv[5:])}`: medians of {options.repeat} (least–most); {versions(options)}\n")
    table = Table([kind.name for kind in kinds])
    table.head()
    failed = {}
    workers = None
    try:
        if "http" in rows:
            for title, port, path, connections, tls in HTTP_ROWS:
                results = each(options, folder, upstream, kinds, lambda proxy, p=port, f=path, c=connections, t=tls: load.run(
                    proxy, p, options.seconds, path=f, connections=c, tls=t))
                table.add(f"{title}: CPU µs a request", pick(results, "cpu_us"))
                table.add(f"{title}: requests/s", pick(results, "rps"), 0)
                for key in ("p50", "p99", "p999"):
                    table.add(f"{title}: {key} µs at saturation", pick(results, key), 0)
                for name, samples in results.items():
                    failed[name] = failed.get(name, 0) + sum(sample["not200"] + sample["broken"] for sample in samples)
        if "rate" in rows:
            results = each(options, folder, upstream, kinds,
                           lambda proxy: load.run(proxy, "egress", 2 * options.seconds, rate=4000))
            table.add("plaintext → mTLS, 32, at 4,000/s: CPU µs a request", pick(results, "cpu_us"))
            for key in ("p50", "p99", "p999"):
                table.add(f"plaintext → mTLS, 32, at 4,000/s: {key} µs", pick(results, key), 0)
        if "h2" in rows:
            results = each(options, folder, upstream, kinds, lambda proxy: h2load(proxy, options.seconds))
            table.add("HTTP/2 → mTLS, 8 × 4 streams: CPU µs a request", pick(results, "cpu_us"))
        if "handshakes" in rows:
            for title, resume in (("full", False), ("resumed", True)):
                results = each(options, folder, upstream, kinds, lambda proxy, r=resume: load.run(
                    proxy, "mesh", options.seconds, path="/local", connections=16, tls=True, mode="handshakes", resume=r))
                table.add(f"{title} mTLS handshake: CPU µs", pick(results, "cpu_us"), 0)
                table.add(f"{title} mTLS handshakes per CPU second",
                          {name: [1e6 / value for value in values] for name, values in pick(results, "cpu_us").items()}, 0)
        if "idle" in rows:
            results = each(options, folder, upstream, kinds, lambda proxy: {"kib": idle_memory(proxy, load)}, repeat=2)
            table.add("KiB per idle mTLS connection, 2,000 open", pick(results, "kib"))
        if "hosts" in rows:
            results = each(options, folder, upstream, kinds, lambda proxy: {
                "start": proxy.start_seconds,
                **load.run(proxy, "egress", options.seconds, host="host-9000.test"),
                **({} if isinstance(proxy, peers.Envoy) else {"apply": proxy.reload_seconds()})}, hosts=10000, repeat=2)
            table.add("10,000 virtual hosts: seconds to load", pick(results, "start"), 2)
            table.add("10,000 virtual hosts: seconds to apply again, running", pick(results, "apply"), 2)
            table.add("10,000 virtual hosts: CPU µs a request", pick(results, "cpu_us"))
        if "reloads" in rows:
            able = [kind for kind in kinds if kind is not peers.Envoy]
            results = each(options, folder, upstream, able, lambda proxy: {"failed": reloads(proxy, load)}, repeat=1)
            table.add("failed requests during 50 reloads", pick(results, "failed"), 0)
            for name, samples in results.items():
                failed[name] = failed.get(name, 0) + sum(sample["failed"] for sample in samples)
        if "workers" in rows:
            # Everything is doubled: a core with a worker and a load of its own, then two of them in one proxy. The kernel
            # spreads the connections, so that half of each load's go to the other core.
            one, two = (each(options, folder, upstream, kinds, lambda proxy, c=cores: load.run_beside_each_worker(
                proxy, "mesh", options.seconds, c, path="/local", tls=True), workers=count, cores=cores)
                for count, cores in ((1, "0"), (2, "0,1")))
            for title, results in (("one worker", one), ("two workers", two)):
                table.add(f"{title}, each with a load on its core, mTLS, answered locally: requests/s", pick(results, "rps"), 0)
            gain = {name: [statistics.median(pick(two, "rps")[name]) / statistics.median(pick(one, "rps")[name])] for name in one}
            table.add("two workers ÷ one", gain, 2)
            workers = gain.get("sallyport", [None])[0]
    finally:
        upstream.stop()
    print()
    for name, count in failed.items():
        print(f"{name}: {count:.0f} failed requests in the rows above")
    judged_goals = list(goals(table, failed, workers))
    if judged_goals:
        print("\n| goal | measured | |\n| --- | --- | --- |")
        for goal, measured, met in judged_goals:
            print(f"| {goal} | {measured} | {'pass' if met else '**miss**'} |")


if __name__ == "__main__":
    sys.exit(main())
