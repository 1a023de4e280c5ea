"""Starts the Hub, has each student run a lesson at the same time through it, and says what that took; for tests/jupyterhub.sh."""

import asyncio
import json
import os
import pathlib
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import time

from tornado.httpclient import HTTPClientError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from jupyter_server import Lesson, ask  # noqa: E402

PLACE = pathlib.Path(os.environ["PLACE"])
COUNT = int(os.environ["STUDENTS"])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Usage:
    """Memory (MiB of PSS: what several map counts in parts) and processor time (s) of the Hub and of each student."""

    def __init__(self, hub):
        self.hub, self.most, self.seconds = hub, {}, {}

    def processes(self):
        """Everything below the Hub, with the part it belongs to."""
        children, lines = {}, {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(pid))
            # With what its children took that have ended.
            lines[int(pid)] = (line, sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))
        todo = [(self.hub, ("Hub and proxy", 0))]
        while todo:
            pid, part = todo.pop()
            if pid not in lines:
                continue
            line, seconds = lines[pid]
            if "jupyterhub-singleuser" in line:
                part = ("server", pid)
            elif "kernel start" in line and part[0] == "server":
                part = ("kernel", pid)
            yield pid, part, seconds
            todo += [(child, part) for child in children.get(pid, [])]

    def look(self):
        now, seconds = {}, {}
        for pid, part, spent in self.processes():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as lines:
                    size = next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
            except (OSError, StopIteration):
                continue
            now[part] = now.get(part, 0.0) + size
            seconds[part] = seconds.get(part, 0.0) + spent
        self.now = now
        now = dict(now, all=sum(now.values()))
        for part, size in now.items():
            self.most[part] = max(size, self.most.get(part, 0.0))
        self.seconds.update(seconds)

    async def watch(self):
        while True:
            self.look()
            await asyncio.sleep(0.5)

    @staticmethod
    def of(kind, found):
        return [value for part, value in found.items() if part[0] == kind]


async def until(what, test, seconds=300):
    end = time.time() + seconds
    while not await test():
        if time.time() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        await asyncio.sleep(0.2)


async def lessons(hub, process, admin, lesson):
    api = f"{hub}/hub/api"

    async def answers():
        if process.poll() is not None:
            raise RuntimeError("the Hub has ended")
        try:
            return await ask(f"{api}/", admin)
        except (HTTPClientError, OSError):
            return False

    await until("the Hub", answers)
    names = [f"student{number + 1}" for number in range(COUNT)]
    begin = time.time()
    for name in names:
        await ask(f"{api}/users/{name}/server", admin, "POST")

    async def ready():
        users = await asyncio.gather(*(ask(f"{api}/users/{name}", admin) for name in names))
        return all(user["servers"].get("", {}).get("ready") for user in users)

    await until("the students' servers", ready)
    print(f"{COUNT} servers answer after {time.time() - begin:.1f} s", flush=True)
    tokens = [(await ask(f"{api}/users/{name}/tokens", admin, "POST", {}))["token"] for name in names]
    students = [Lesson(f"{hub}/user/{name}", token) for name, token in zip(names, tokens)]
    for one, other in zip(students, students[1:]):
        try:
            await ask(f"{other.base}/contents", one.token)
        except HTTPClientError as error:
            if error.code == 403:
                continue
            raise
        raise RuntimeError(f"a student's token opens {other.base}")

    usage = Usage(process.pid)
    usage.look()
    await asyncio.gather(*(one.open(lesson) for one in students))
    await asyncio.sleep(5)
    usage.look()
    idle = Usage.of("kernel", usage.now)
    if len(idle) != COUNT:
        raise RuntimeError(f"{len(idle)} kernels for {COUNT} students")
    watch = asyncio.create_task(usage.watch())
    begin = time.time()
    await asyncio.gather(*(one.run() for one in students))
    passed = time.time() - begin
    watch.cancel()
    await asyncio.sleep(2)
    usage.look()
    after = Usage.of("kernel", usage.now)

    cells = len(students[0].seconds)
    print(f"{students[0].path}: {cells} cells for each of {COUNT} students at once, {os.cpu_count()} processors: {passed:.0f} s")
    print("| each student, median | |\n|---|---:|")
    rows = [
        ("first cell: links the library that came along, s", statistics.median(one.seconds[0] for one in students)),
        ("a cell after it, s", statistics.median(second for one in students for second in one.seconds[1:])),
        ("the slowest cell, s", statistics.median(max(one.seconds) for one in students)),
        ("processor time of the lesson, s", statistics.median(Usage.of("kernel", usage.seconds))),
        ("single-user server, MiB", statistics.median(Usage.of("server", usage.most))),
        ("kernel before its first cell, MiB", statistics.median(idle)),
        ("kernel after the lesson, MiB", statistics.median(after)),
        ("kernel with its compilers, the most at a time, MiB", statistics.median(Usage.of("kernel", usage.most))),
        ("Hub and proxy, once for all, MiB", usage.most[("Hub and proxy", 0)]),
        ("everything, the most at a time, MiB", usage.most["all"]),
    ]
    for what, value in rows:
        print(f"| {what} | {value:.3g} |" if value < 100 else f"| {what} | {value:.0f} |", flush=True)
    await asyncio.gather(*(one.close() for one in students))
    for name in names:
        await ask(f"{api}/users/{name}/server", admin, "DELETE")


def main(config, lesson):
    port, inside, proxy = free_ports(3)
    admin = secrets.token_hex(32)
    env = dict(os.environ, PORTS=f"{port} {inside} {proxy}", TOKEN=admin, CONFIGPROXY_AUTH_TOKEN=secrets.token_hex(32))
    with open(PLACE / "hub.log", "w") as log:
        hub = subprocess.Popen([f"{sys.prefix}/bin/jupyterhub", "-f", config], cwd=PLACE, env=env, stdout=log, stderr=log)

    def stop(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        asyncio.run(lessons(f"http://127.0.0.1:{port}", hub, admin, lesson))
    except (RuntimeError, HTTPClientError, OSError, asyncio.TimeoutError, KeyboardInterrupt) as error:
        return f"jupyterhub: {type(error).__name__}: {error}"
    finally:
        # It ends its servers and its proxy.
        hub.terminate()
        hub.wait(60)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
