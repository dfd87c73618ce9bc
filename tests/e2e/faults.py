"""What the fault tests share: one share on directory controllers of a real pasigd, seen from
outside (files, digests, history, words), clients of the share that are processes of other users, an
rsync that misbehaves when it is told to, and a way to run a file's tests at the same time.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import threading
import unittest

from service import PATIENCE, Service, ServiceTest

AS_ROOT = os.geteuid() == 0
ORDINARY = 65534 if AS_ROOT else os.geteuid()  # a user without rights


class Client:
    """A process of user `uid` that writes to the share; see client.py."""

    def __init__(self, uid):
        source = pathlib.Path(__file__).with_name("client.py").read_text()
        # It changes its user itself: the interpreter may lie where others cannot run it.
        self.process = subprocess.Popen(
            [sys.executable, "-c", source, str(uid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def ask(self, *words):
        """Null where it could be done, else the error's name."""
        print(json.dumps([str(one) for one in words]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Rsync:
    """A program that stands in for rsync. `behave` gives it the shell text to run from then on, in
    which "$@" is what rsync was asked for and $to the directory that it was to fill."""

    HONEST = 'exec rsync "$@"'

    def __init__(self, directory):
        directory.mkdir()
        directory.chmod(0o755)
        self.program = directory / "rsync"
        self.behaviour = directory / "behaviour"
        self.calls_file = directory / "calls"
        self.calls_file.touch()
        self.calls_file.chmod(0o666)
        self.behave(self.HONEST)
        self.program.write_text(
            "#!/bin/sh\n"
            f'here={directory}\necho "$*" >> "$here/calls"\n'
            'for to; do :; done\n. "$here/behaviour"\n'
        )
        self.program.chmod(0o755)

    def behave(self, text):
        new = self.behaviour.with_suffix(".new")
        new.write_text(text + "\n")
        new.rename(self.behaviour)

    def calls(self):
        return len(self.calls_file.read_text().splitlines())


def digest(top):
    """Of all names, kinds, contents and links below a directory."""
    top = pathlib.Path(top).resolve(strict=True)
    whole = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        whole.update(f"{path.relative_to(top)}\0{path.is_dir()}\0{path.is_symlink()}\0".encode())
        if path.is_symlink():
            whole.update(os.readlink(path).encode())
        elif path.is_file():
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def holds(top, text):
    """Whether a file below `top` has the text."""
    found = [one for one in pathlib.Path(top).rglob("*") if one.is_file() and not one.is_symlink()]
    return any(text.encode() in one.read_bytes() for one in found)


class FaultyService(Service):
    """Its controllers have `options`, and an rsync each that can be told to misbehave."""

    def __init__(self, options, **more):
        self.options = options
        self.rsyncs = {}
        super().__init__(**more)

    def controller(self, zone, rsync=None):
        self.rsyncs[zone] = Rsync(self.top / f"rsync-{zone}")
        return {**super().controller(zone, self.rsyncs[zone].program), **self.options}


class Story(ServiceTest):
    """One test of one fault: its own pasigd with a share `data` in the zones a, b, …, of which a is
    active. At the end exactly one replica is active, the log and what is served are equal, and no
    operation is left over."""

    zones = "ab"
    options = {}  # of every controller
    replication = "readable"
    rpo = 600
    sync_interval = 1
    user = None  # of pasigd, if it is to be another one

    def setUp(self):
        self.clients = []
        self.writer = None
        self.addCleanup(self.close_clients)
        self._services = []
        self.pasigd = self.another()
        self.pasigd.start()

    def another(self):
        """A pasigd like this story's, not started."""
        one = FaultyService(self.options, zones=self.zones, user=self.user)
        self._services.append(one)
        self.addCleanup(one.remove)
        return one

    def pasig(self, *words):
        """Its exit code, and all that it said."""
        code, out, err = self.pasigd.cli(*words)
        return code, out + err

    def ok(self, *words):
        code, said = self.pasig(*words)
        self.assertEqual(code, 0, f"pasig {' '.join(words)}: {said}")
        return said

    def wait(self, what, question, seconds=PATIENCE):
        return self.pasigd.wait_until(what, question, seconds)

    # --- the share

    def make_share(self, **files):
        """With its replicas all in sync, and with what a user wrote before anything happened."""
        replication = ["--replication", self.replication, "--rpo", str(self.rpo)]
        interval = ["--sync-interval", str(self.sync_interval)]
        self.ok("type", "create", "gold", *replication, *interval)
        self.ok("share", "create", "data", "--type", "gold", "--size", "1", "--zone", "a", "--wait")
        for name, text in (files or {"first": "first\n"}).items():
            self.write(name, text)
        for zone in self.zones[1:]:
            self.ok("replica", "add", "data", "--zone", zone, "--wait")

    def share(self):
        return self.pasigd.get("/pasig/v1/shares/data")

    def replica(self, zone):
        return next(one for one in self.share()["replicas"] if one["zone"] == zone)

    def active_zone(self):
        [zone] = [one["zone"] for one in self.share()["replicas"] if one["state"] == "active"]
        return zone

    def root(self, zone):
        return self.pasigd.roots[zone]

    def place(self, zone):
        return self.pasigd.place(self.replica(zone))

    def export(self, zone):
        return self.place(zone) / "export"

    def write(self, name, text):
        """As a user of the share does, through the active replica's export."""
        if self.writer is None:
            self.writer = self.client(ORDINARY)
        error = self.writer.ask("new", self.export(self.active_zone()) / name, text)
        self.assertIsNone(error, name)

    def client(self, uid):
        self.clients.append(Client(uid))
        return self.clients[-1]

    def close_clients(self):
        self.writer = None
        while self.clients:
            self.clients.pop().close()

    def wait_in_sync(self, zone, seconds=PATIENCE):
        """The log says so, and the export shows what the active one's does."""

        def is_so():
            if self.replica(zone)["state"] != "in_sync":
                return False
            try:
                return digest(self.export(zone)) == digest(self.export(self.active_zone()))
            except OSError:  # replaced under our eyes
                return False

        try:
            self.wait(f"zone {zone} in sync", is_so, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.why(zone)}") from None

    def wait_state(self, zone, state, words="", seconds=PATIENCE):
        """Until the replica has that replica_state and `words` are in its note."""

        def is_so():
            now = self.replica(zone)
            return now["state"] == state and words in now["note"]

        self.wait(f"zone {zone} {state} ({words})", is_so, seconds)

    # --- the past

    def events(self, kind):
        """Their data, oldest first."""
        return [
            event["data"]
            for record in self.pasigd.history("data")
            for event in record["events"]
            if event["type"] == kind
        ]

    def wait_event(self, kind, seconds=PATIENCE, **like):
        def newest():
            for data in reversed(self.events(kind)):
                if all(data.get(key) == value for key, value in like.items()):
                    return data
            return None

        return self.wait(f"an event {kind} {like}", newest, seconds)

    def history(self):
        return self.ok("history", "data", "--limit", "1000")

    def why(self, zone):
        return self.ok("why", self.replica(zone)["id"])

    def kept_aside(self):
        """The directories that were reported, each of which is there."""
        reported = [pathlib.Path(one["path"]) for one in self.events("DivergedDataKeptAside")]
        for path in reported:
            self.assertTrue(path.is_dir(), f"{path} was reported, but is not there")
        return reported

    def end(self):
        """What holds at the end of every story."""
        self.wait("the operations to be over", lambda: not self.share()["operations"])
        active = [one for one in self.share()["replicas"] if one["state"] == "active"]
        self.assertEqual(len(active), 1, active)
        self.assertEqual(self.pasigd.operations(pending=True), [])
        self.assertIn("equal: ", self.pasigd.verify())


class _Recorder(unittest.TestResult):
    """Keeps what a test's result was told, to tell it to another one in one piece."""

    def __init__(self):
        super().__init__()
        self.told = []

    def replay(self, result):
        for name, words in self.told:
            getattr(result, name)(*words)


def _recorded(name):
    def tell(self, *words):
        self.told.append((name, words))

    return tell


for _name in ("startTest", "stopTest", "addSuccess", "addError", "addFailure", "addSkip"):
    setattr(_Recorder, _name, _recorded(_name))


class AtOnce(unittest.TestSuite):
    """Runs its tests at the same time: most of a fault test's time is waiting."""

    def run(self, result, debug=False):
        def alone(test):
            recorder = _Recorder()
            test.run(recorder)
            return recorder

        tests = list(self)
        with concurrent.futures.ThreadPoolExecutor(max(1, len(tests))) as pool:
            for run in [pool.submit(alone, test) for test in tests]:
                run.result().replay(result)
        return result


def _tests_of(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from _tests_of(one)
        else:
            yield one


def run_at_once(_loader, tests, _pattern):
    """A module's load_tests."""
    return AtOnce(_tests_of(tests))


def together(*actions):
    """Begins all of them at the same moment; their results, in order."""
    gate = threading.Barrier(len(actions))

    def act(action):
        gate.wait()
        return action()

    with concurrent.futures.ThreadPoolExecutor(len(actions)) as pool:
        return [one.result() for one in [pool.submit(act, action) for action in actions]]
