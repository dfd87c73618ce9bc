"""Clients of a pasigd that is killed under them: they create and delete shares, add and remove
replicas, change the active one, and write and delete files through its export. Each command has an
id of its own and is sent again under it until there is an answer; what was answered, and which
writes went through, is kept for comparing it with the log and the files afterwards.
"""

import dataclasses
import hashlib
import os
import threading
import time
import uuid

from service import Unreachable, wait_until

SEEDED = 24  # files that every lasting share begins with; at most a few of them are deleted
DELETED_MOST = 6
AGAIN = {503, 504}  # not now, or not known: the same command once more


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a client was told about its command."""

    command: str
    accepted: bool
    ordinal: int | None  # of its record; none when nothing was written
    tries: int
    words: str


@dataclasses.dataclass(frozen=True)
class Touch:
    """A file that was written, or deleted, through the export of the active replica of an epoch."""

    share: str
    name: str
    epoch: int  # of the share, as seen before
    size: int | None  # none: it was deleted
    done_at: float | None  # none: it did not go through, or not as a whole


def content(name, size):
    """What is in the file of that name."""
    block = hashlib.sha512(name.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


class Clients:
    """Threads that act until they are stopped. `answers` is by command id, `touches` in the order
    of their ends within a share."""

    def __init__(self, service, random):
        self.service = service
        self.random = random
        self.answers = {}
        self.touches = []
        self.failures = []
        self.ended = 0  # operations that clients saw end
        self.stopping = threading.Event()
        self.mutex = threading.Lock()
        self.threads = []

    def begin(self, lasting):
        """Two clients of each lasting share, and one that makes and deletes its own."""
        lives = [self.live_on_share] * (2 * len(lasting)) + [self.live_on_own_shares]
        for number, life in enumerate(lives):
            share = lasting[number // 2] if life == self.live_on_share else None
            random = type(self.random)(self.random.getrandbits(64))
            self.threads.append(threading.Thread(target=self.live, args=(life, share, random)))
        for one in self.threads:
            one.start()

    def end(self):
        """Each finishes what it is doing."""
        self.stopping.set()
        for one in self.threads:
            one.join()

    def live(self, life, share, random):
        while not self.stopping.is_set():
            try:
                life(share, random)
            except Unreachable:
                self.stopping.wait(0.05)  # pasigd is down: a moment
            except Exception as error:  # the test's own thread has to see it
                self.failures.append(error)
                return

    # --- commands

    def command(self, random, method, path, body=None):
        """Sends it until it is answered. Status and answer."""
        key = str(uuid.UUID(int=random.getrandbits(128), version=4))
        tries = 0
        answered = []

        def answers():
            nonlocal tries
            tries += 1
            try:
                answered[:] = self.service.api(method, path, body, key=key)
            except Unreachable:
                return False
            return answered[0] not in AGAIN

        wait_until(f"an answer to {method} {path}", answers)
        status, told = answered
        if status not in (202, 400, 403, 404, 409):
            raise AssertionError(f"{method} {path} {body} with id {key}: {status} {told}")
        error = told.get("error", {})
        one = Answer(f"{method} {path} {body}", status == 202,
                     error.get("ordinal") if error else told["ordinal"], tries,
                     error.get("code", "accepted"))
        with self.mutex:
            self.answers[key] = one
        return status, told

    def act(self, random, method, path, body=None):
        """A command, after which this client mostly waits until its operation is over."""
        status, told = self.command(random, method, path, body)
        operation = told.get("operation") if status == 202 else None
        while operation and random.random() < 0.9 and not self.stopping.is_set():
            status, shown = self.service.api("GET", f"/pasig/v1/operations/{operation}")
            if status != 200 or shown["status"] in ("done", "failed", "cancelled"):
                with self.mutex:
                    self.ended += 1
                return
            self.stopping.wait(0.1)

    # --- files

    def touch(self, share, action, name, size=None):
        """`action` gets the directory that the active replica exports."""
        active = [one for one in share["replicas"] if one["state"] == "active" and one["exports"]]
        if not active:
            return
        try:
            action(active[0]["exports"][0])
            done_at = time.time()
        except OSError:  # fenced, or replaced under our hands
            done_at = None
        with self.mutex:
            self.touches.append(Touch(share["id"], name, share["epoch"], size, done_at))

    def write(self, share, name, size):
        def action(export):
            with open(f"{export}/{name}", "xb", buffering=0) as file:
                file.write(content(name, size))

        self.touch(share, action, name, size)

    def delete(self, share, name):
        def action(export):
            os.unlink(f"{export}/{name}")

        self.touch(share, action, name)

    def fill(self, share, random):
        for number in range(SEEDED):
            self.write(share, f"seed-{number}", random.randrange(200, 20_000))

    # --- lives

    def live_on_share(self, share, random):
        _, now = self.service.api("GET", f"/pasig/v1/shares/{share}")
        others = [one for one in now["replicas"] if one["state"] != "active"]
        free = [zone for zone in self.service.roots
                if zone not in {one["zone"] for one in now["replicas"]}]
        dice = random.random()
        if dice < 0.5:
            size = random.choice([500, 5_000, 60_000, 400_000])
            self.write(now, f"file-{random.getrandbits(48):x}", size)
        elif dice < 0.52:
            self.delete_one(now, random)
        elif dice < 0.65 and free:
            self.act(random, "POST", "/pasig/v1/replicas",
                     {"share": share, "zone": random.choice(free)})
        elif dice < 0.69 and len(others) > 1:
            self.act(random, "DELETE", f"/pasig/v1/replicas/{random.choice(others)['id']}")
        elif dice < 0.71 and others:
            self.act(random, "POST", f"/pasig/v1/replicas/{random.choice(others)['id']}/resync", {})
        elif dice < 0.8 and others:
            mode = random.choice(["planned", "planned", "planned", "auto", "forced"])
            self.act(random, "POST", f"/pasig/v1/replicas/{random.choice(others)['id']}/set-active",
                     {"mode": mode, "accept_older": random.random() < 0.3})
        self.stopping.wait(random.random() * 0.2)

    def delete_one(self, share, random):
        with self.mutex:
            mine = [one for one in self.touches if one.share == share["id"]]
            gone = {one.name for one in mine if one.size is None}
        left = sorted({one.name for one in mine if one.name.startswith("seed-")} - gone)
        if len(gone) < DELETED_MOST and left:
            self.delete(share, random.choice(left))

    def live_on_own_shares(self, _, random):
        name = f"passing-{random.getrandbits(48):x}"
        zones = random.sample(sorted(self.service.roots), 2)
        self.act(random, "POST", "/pasig/v1/shares",
                 {"name": name, "type": "gold", "size_gb": 1, "zone": zones[0]})
        self.act(random, "POST", "/pasig/v1/replicas", {"share": name, "zone": zones[1]})
        self.stopping.wait(random.random())
        for _ in range(random.choice([1, 2])):
            self.act(random, "DELETE", f"/pasig/v1/shares/{name}")
