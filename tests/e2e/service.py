"""A real pasigd for the tests of the whole: its own directory with configuration, data, socket and
the roots of its controllers; started, killed and started again by the tests; asked by the command
`pasig` or by HTTP on its socket. What waits polls a condition and has a deadline; what fails shows
the end of pasigd's log.

Environment: PASIG_BIN_DIR (the build tree), PASIG_SEED (repeats a run), PASIG_E2E_KEEP=1 (leaves
the directories for a look).
"""

import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import unittest

BIN = pathlib.Path(os.environ["PASIG_BIN_DIR"])
PASIGD = BIN / "daemon" / "pasigd"
PASIG = BIN / "cli" / "pasig"
PATIENCE = 90  # seconds until a wait was in vain; a sanitized build on a busy machine is slow
_PAUSE = 0.02  # seconds between two looks at a condition


class Unreachable(Exception):
    """No answer, or half of one: what was asked may or may not have been done."""


def wait_until(what, question, seconds=PATIENCE):
    """Asks until the answer is true, and gives it; an AssertionError that says what was awaited."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(_PAUSE)


def seeded(name):
    """Random numbers for a test, which says how to get the same ones again."""
    seed = os.environ.get("PASIG_SEED") or str(random.SystemRandom().randrange(1 << 32))
    print(f"{name}: PASIG_SEED={seed}", file=sys.stderr, flush=True)
    return random.Random(f"{name} {seed}")


def free_port():
    """Of loopback, free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def remove_tree(top):
    """Also what is immutable or mounted below it."""
    if os.environ.get("PASIG_E2E_KEEP"):
        print(f"kept: {top}", file=sys.stderr)
        return
    mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    for mount in reversed([one for one in mounts if one.startswith(f"{top}/")]):
        subprocess.run(["umount", "-l", mount], check=False)
    subprocess.run(["chattr", "-R", "-f", "-i", str(top)], check=False, capture_output=True)
    if os.geteuid() != 0:  # frozen trees have no write bits there
        subprocess.run(["chmod", "-R", "u+w", str(top)], check=False)
    shutil.rmtree(top)


def processes_of(sessions):
    """Numbers of the living processes that belong to these sessions."""
    found = []
    for one in pathlib.Path("/proc").iterdir():
        if not one.name.isdigit():
            continue
        try:
            state, _, _, session = (one / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue  # it is gone
        if int(session) in sessions and state not in "ZX":
            found.append(int(one.name))
    return found


def is_alive(pid):
    """Whether there is such a process, and it is not only waiting to be reaped."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def _toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)  # texts, numbers and lists of them are written alike


class Service:
    """pasigd in a directory of its own. Without `controllers`, it has one directory controller in
    each of `zones`, with its root in that directory. `sections` are more keys of the configuration,
    by section. `user` is the number of the user that runs it."""

    def __init__(self, *, zones=("zone-a", "zone-b"), controllers=None, timings=None, sections=None,
                 user=None, rsync=None):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="pasig-e2e-"))
        self.top.chmod(0o755)
        self.data = self.top / "data"
        self.socket = self.top / "pasig.sock"
        self.config = self.top / "pasig.toml"
        self.log = self.top / "pasigd.log"
        self.user = user
        self.process = None
        self.sessions = set()  # one of each pasigd; what it starts belongs to it
        if controllers is None:
            controllers = [self.controller(zone, rsync) for zone in zones]
        self.roots = {one["zone"]: pathlib.Path(one["root"]) for one in controllers
                      if "root" in one}
        self.write_config(controllers, timings or {}, sections or {})
        if user is not None:
            os.chown(self.top, user, user)

    def controller(self, zone, rsync=None):
        one = {"name": f"in-{zone}", "zone": zone, "driver": "directory",
               "root": str(self.top / zone), "replication_domain": "e2e", "create": True}
        return one if rsync is None else {**one, "rsync": str(rsync)}

    def write_config(self, controllers, timings, sections):
        whole = {"node": {"name": "e2e", "data_directory": str(self.data)},
                 "api": {"socket": str(self.socket), "listen": []},
                 "timings": {"status_interval_seconds": 1, "stats_interval_seconds": 1, **timings}}
        for name, keys in sections.items():
            whole.setdefault(name, {}).update(keys)
        parts = [(f"[{name}]", keys) for name, keys in whole.items()]
        parts += [("[[controller]]", keys) for keys in controllers]
        self.config.write_text("".join(
            "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in keys.items()), "", ""])
            for head, keys in parts))

    # --- its process

    def spawn(self):
        """Starts pasigd and does not wait."""
        assert self.process is None or self.process.poll() is not None, "pasigd runs already"
        rights = {} if self.user is None else \
            {"user": self.user, "group": self.user, "extra_groups": []}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program(), "--config", self.config], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL,
                                            start_new_session=True, **rights)
        self.sessions.add(self.process.pid)

    def program(self):
        """Another user may not be let into the directory that was built in. Copied by a process of
        its own: a child that another thread forks meanwhile would hold the copy open for writing,
        and it could not be run."""
        if self.user is None:
            return PASIGD
        copy = self.top / "pasigd"
        if not copy.exists():
            subprocess.run(["cp", PASIGD, copy], check=True)
        return copy

    def start(self):
        self.spawn()
        self.wait_ready()

    def wait_ready(self, seconds=PATIENCE):
        def answers():
            try:
                return self.api("GET", "/pasig/v1/status", timeout=5)[1]["ready"]
            except Unreachable:
                return False

        self.wait_until("pasigd to be ready", answers, seconds)

    def kill9(self):
        """Gives the number of the process that is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return self.process.pid

    def stop(self, seconds=PATIENCE):
        """By SIGTERM. An AssertionError when it does not end, or not with code 0."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"pasigd did not stop in {seconds} s\n{self.log_tail()}") from None
        assert code == 0, f"pasigd ended with code {code}\n{self.log_tail()}"

    def restart(self):
        self.stop()
        self.start()

    def remove(self):
        """Ends everything and removes everything; the last thing that is asked of it."""
        try:
            self.stop()
        finally:
            for pid in self.orphans():
                os.kill(pid, signal.SIGKILL)
            wait_until("the last rsync to end", lambda: not self.orphans())
            remove_tree(self.top)

    def orphans(self):
        """Processes left by pasigds that are gone: rsync."""
        running = {self.process.pid} if self.process and self.process.poll() is None else set()
        return processes_of(self.sessions - running)

    def log_tail(self, lines=60):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"--- the end of {self.log}\n" + "\n".join(text.splitlines()[-lines:])

    def wait_until(self, what, question, seconds=PATIENCE):
        """As wait_until; fails at once when pasigd ends meanwhile, and shows its log."""
        def or_dead():
            answer = question()
            if not answer and self.process.poll() is not None:
                raise AssertionError(f"pasigd ended with code {self.process.returncode}")
            return answer

        try:
            return wait_until(what, or_dead, seconds)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}\n{self.log_tail()}") from None

    # --- asking it

    def api(self, method, path, body=None, **more):
        """Status and JSON of the answer. Unreachable when there was none."""
        status, text = self.exchange(method, path, body, **more)
        try:
            return status, json.loads(text) if text else None
        except ValueError as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error

    def exchange(self, method, path, body=None, *, key=None, reason=None, timeout=PATIENCE):
        """Status and text of the answer."""
        headers = {"Idempotency-Key": key, "X-Pasig-Reason": reason,
                   "Content-Type": "application/json" if body is not None else None}
        connection = _UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {name: value for name, value in headers.items() if value})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()

    def get(self, path):
        """What is there; an AssertionError when the answer is not 200."""
        status, body = self.api("GET", path)
        assert status == 200, f"GET {path}: {status} {body}\n{self.log_tail()}"
        return body

    def cli(self, *words, seconds=PATIENCE):
        """Code, output and errors of `pasig`."""
        done = subprocess.run([PASIG, "--socket", self.socket, *map(str, words)], text=True,
                              capture_output=True, timeout=seconds, check=False)
        return done.returncode, done.stdout, done.stderr

    def ask(self, *words, seconds=PATIENCE):
        """`pasig … -o json` as values; an AssertionError when it does not end with 0."""
        code, out, err = self.cli(*words, "-o", "json", seconds=seconds)
        assert code == 0, f"pasig {' '.join(map(str, words))}: {code} {err}\n{self.log_tail()}"
        return json.loads(out)

    def pages(self, path, member):
        """A list of the API with all its pages put together."""
        found, offset = [], 0
        while offset is not None:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=1000&offset={offset}")
            found += page[member]
            offset = page["next_offset"]
        return found

    def shares(self):
        return self.pages("/pasig/v1/shares", "shares")

    def replicas(self, share=None):
        return self.pages("/pasig/v1/replicas" + (f"?share={share}" if share else ""), "replicas")

    def operations(self, *, pending=False):
        return self.pages("/pasig/v1/operations" + ("?pending=true" if pending else ""),
                          "operations")

    def records(self, path="/pasig/v1/log"):
        """All of the log, oldest first; or of a history (`/pasig/v1/history?share=…`)."""
        found, start = [], 0
        while start is not None:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=1000&from={start}")
            found += page["records"]
            start = page["next"]
        return found

    def history(self, share):
        return self.records(f"/pasig/v1/history?of={share}")

    def verify(self):
        """`pasig replay verify`: its words; an AssertionError when the state is not the log."""
        code, out, err = self.cli("replay", "verify")
        assert code == 0, f"pasig replay verify: {code} {out} {err}\n{self.log_tail()}"
        return out

    # --- where things are

    def place(self, replica):
        """A replica's directory, given as the API shows the replica."""
        return self.roots[replica["zone"]] / "shares" / replica["share"]["id"] / replica["id"]


class ServiceTest(unittest.TestCase):
    """A test of services that are removed at its end; what fails shows the ends of their logs."""

    def service(self, **options):
        made = Service(**options)
        self.__dict__.setdefault("_services", []).append(made)
        self.addCleanup(made.remove)
        return made

    def _callTestMethod(self, method):
        try:
            super()._callTestMethod(method)
        except unittest.SkipTest:
            raise
        except Exception:
            words = traceback.format_exc()
            tails = [one.log_tail() for one in self.__dict__.get("_services", [])]
            tails = [one for one in tails if one not in words]
            raise AssertionError("\n".join(["", words, *tails])) from None
