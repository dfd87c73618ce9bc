"""Kills pasigd at random moments under clients that go on, many of them inside a driver's call or a
change of the active replica, with rsync left behind alive. Afterwards nothing that was answered is
lost, nothing is stuck, and nothing was done twice.

PASIG_KILLS is the number of kills (20).
"""

import collections
import dataclasses
import os
import pathlib
import shutil
import sys
import time

import aftermath
from service import ServiceTest, is_alive, seeded
from workload import Clients

KILLS = int(os.environ.get("PASIG_KILLS", "20"))
IN_CALLS = max(1, KILLS * 8 // 20)  # kills that have to be inside a driver's call
IN_CHANGES = max(1, KILLS * 3 // 20)  # set-actives that have to be hit
WITH_ORPHANS = IN_CHANGES  # kills that have to leave rsync alive
MORE = 10 + KILLS // 2  # kills beyond KILLS, if chance did not give enough of these
SHARES = ["first", "second", "third"]
ZONES = ["zone-a", "zone-b", "zone-c"]


class SlowRsync:
    """A program in place of rsync, that becomes rsync, under the same process number. While it is
    asked to, it tells that number and copies slowly, so that it can be caught."""

    def __init__(self, directory):
        directory.mkdir()
        self.program = directory / "rsync"
        self.slow = directory / "slow"
        self.caught = directory / "caught"
        self.caught.mkdir()
        self.real = os.path.realpath(shutil.which("rsync"))
        self.program.write_text(
            f"#!/bin/sh\nif rate=$(cat {self.slow} 2>/dev/null); then\n"
            f"  : > {self.caught}/$$\n  exec {self.real} --bwlimit=\"$rate\" \"$@\"\nfi\n"
            f"exec {self.real} \"$@\"\n")
        self.program.chmod(0o755)

    def be_slow(self, kilobytes_per_second):
        new = self.slow.with_suffix(".new")
        new.write_text(str(kilobytes_per_second))
        new.rename(self.slow)

    def be_quick(self):
        self.slow.unlink(missing_ok=True)
        for one in self.caught.iterdir():
            one.unlink()

    def running(self):
        """The numbers of those that were caught, have become rsync and are at work."""
        return [pid for pid in (int(one.name) for one in self.caught.iterdir())
                if self.is_rsync(pid)]

    def is_rsync(self, pid):
        try:
            return is_alive(pid) and os.readlink(f"/proc/{pid}/exe") == self.real
        except OSError:
            return False


@dataclasses.dataclass
class Kill:
    """One kill, and what was seen around it."""

    way: str
    at: float = 0.0  # just before the signal
    orphans: tuple = ()  # rsync, alive after it
    back_after: float = 0.0  # seconds until pasigd was ready again


class KillsTest(ServiceTest):
    """One long story."""

    def setUp(self):
        self.random = seeded("test_kills")
        self.service_ = self.service(zones=ZONES)
        self.rsync = SlowRsync(self.service_.top / "tools")
        self.service_.write_config(
            [self.service_.controller(zone, self.rsync.program) for zone in ZONES], {},
            {"quotas": {"shares": -1, "share_replicas": -1, "gigabytes": -1,
                        "replica_gigabytes": -1}})
        self.kills = []

    def test_nothing_is_lost_stuck_or_done_twice(self):
        lasting = self.make_shares()
        clients = Clients(self.service_, self.random)
        for share in lasting:
            clients.fill(self.service_.get(f"/pasig/v1/shares/{share}"), self.random)
        clients.begin(lasting)
        try:
            self.kill_often(clients)
        finally:
            clients.end()
        self.assertEqual(clients.failures, [])
        begun = time.monotonic()
        self.settle()
        self.settled_after = time.monotonic() - begun
        records = self.service_.records()
        self.check_log(clients, records)
        held = self.check_files(clients, records)
        self.check_disks(records)
        self.service_.verify()
        self.tell(clients, records, held)
        self.check_counts(records)

    def make_shares(self):
        self.service_.start()
        self.service_.ask("type", "create", "gold", "--replication", "readable",
                          "--sync-interval", 1)
        for name in SHARES:
            zones = self.random.sample(ZONES, 2)
            self.service_.ask("share", "create", name, "--type", "gold", "--size", 1, "--zone",
                              zones[0], "--wait")
            self.service_.ask("replica", "add", name, "--zone", zones[1], "--wait")
        return [one["id"] for one in self.service_.shares()]

    # --- killing

    def kill_often(self, clients):
        ways = [self.while_rsync_runs, self.while_active_changes, self.at_any_time]
        plan = [ways[number % 5 % 3] for number in range(KILLS)]  # 8 of 20, 8, 4
        self.random.shuffle(plan)
        while plan or (self.short_of() and len(self.kills) < KILLS + MORE):
            self.let_work_be_done(clients)
            self.kill(plan.pop() if plan else self.random.choice(self.short_of()))
            self.assertEqual(clients.failures, [])
            self.check_now(clients)

    def let_work_be_done(self, clients):
        """Between most kills, so that they meet all kinds of work; the others hit the repair."""
        enough = clients.ended + self.random.choice([0, 1, 2, 4])
        self.service_.wait_until("operations to end",
                                 lambda: clients.ended >= enough or clients.failures)

    def short_of(self):
        in_calls, in_changes = self.counts(self.service_.records())
        return ([self.while_rsync_runs] if in_calls < IN_CALLS else []) + \
            ([self.while_active_changes] if in_changes < IN_CHANGES else [])

    def kill(self, way):
        one = Kill(way.__name__)
        way()
        one.at = time.time()
        self.service_.kill9()
        one.orphans = tuple(pid for pid in self.service_.orphans() if self.rsync.is_rsync(pid))
        self.rsync.be_quick()
        self.pause(self.random.choice([0, 0, 0.5]))
        begun = time.monotonic()
        self.service_.start()
        one.back_after = time.monotonic() - begun
        self.kills.append(one)

    def pause(self, seconds):
        """Only makes the moments of the kills random: nothing relies on it."""
        time.sleep(seconds)

    def at_any_time(self):
        self.pause(self.random.uniform(0.2, 2))

    def while_rsync_runs(self):
        self.rsync.be_slow(self.random.choice([20, 40, 100]))
        self.service_.wait_until("rsync to be at work", self.rsync.running)
        self.pause(self.random.uniform(0, 0.5))

    def while_active_changes(self):
        if self.random.random() < 0.5:
            self.rsync.be_slow(100)

        def is_changing():
            return any(one["kind"] == "set_active_replica" and one["claimed_at"]
                       for one in self.service_.operations(pending=True))

        self.service_.wait_until("a set-active to run", is_changing)
        self.pause(self.random.uniform(0, 0.1))

    # --- checking

    def check_now(self, clients):
        """What holds at any moment: one active replica, and the last answers are known."""
        self.assertEqual(list(aftermath.one_active_each(self.service_.shares())), [])
        with clients.mutex:
            last = list(clients.answers.items())[-5:]
        for key, one in last:
            if one.ordinal is None:
                continue
            known = self.service_.get(f"/pasig/v1/commands/{key}")
            self.assertEqual((known["outcome"] == "accepted", known["ordinal"]),
                             (one.accepted, one.ordinal), one)

    def settle(self):
        """Every operation ends and every replica is well, without anybody's help."""
        self.service_.wait_until("all operations to end",
                                 lambda: not self.service_.operations(pending=True))

        def unwell():
            return [f"{share['name']} {share['status']}, {one['id']} in {one['zone']} "
                    f"{one['status']} {one['state']} {one['note']}"
                    for share in self.service_.shares() for one in share["replicas"]
                    if (share["status"], one["status"]) != ("available", "available")
                    or one["state"] not in ("active", "in_sync")]

        try:
            self.service_.wait_until("all replicas to be in sync", lambda: not unwell())
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(unwell())) from None

    def check_log(self, clients, records):
        self.assertEqual(list(aftermath.wrong_answers(clients.answers, records)), [])
        self.assertEqual(list(aftermath.twice_over(records)), [])

    def check_files(self, clients, records):
        """All copies are equal, and have what went through. How many files were held to that."""
        held = 0
        changed = aftermath.changes(records)
        for share in self.service_.shares():
            found = {}

            def are_equal():
                found.update(aftermath.trees(share["replicas"]) or {})
                return found and all(one == next(iter(found.values())) for one in found.values())

            self.service_.wait_until(f"equal copies of {share['name']}", are_equal)
            touches = [one for one in clients.touches if one.share == share["id"]]
            now, wrong = aftermath.wrong_files(next(iter(found.values())), touches,
                                               changed[share["id"]])
            self.assertEqual(wrong, [], f"{share['name']}: {changed[share['id']]}")
            held += now
        return held

    def check_disks(self, records):
        shares = self.service_.shares()
        self.assertEqual(list(aftermath.one_active_each(shares)), [])
        self.assertEqual(
            list(aftermath.wrong_on_disk(self.service_, shares, aftermath.changes(records))), [])
        for share in shares:
            for one in share["replicas"]:
                staging = pathlib.Path(self.service_.place(one), "staging")
                self.service_.wait_until(f"an empty {staging}",
                                         lambda: not staging.exists() or not os.listdir(staging))
        self.service_.wait_until("the last orphan to end", lambda: not self.service_.orphans())

    # --- counting

    def counts(self, records):
        """Kills inside a driver's call, and inside a set-active; these by operation, so that one
        which was hit again and again counts once."""
        calls = list(aftermath.calls(records))
        in_calls = [one for one in self.kills if one.orphans or
                    any(call.begin < one.at < call.end for call in calls)]
        in_changes = {call.operation for one in self.kills for call in calls
                      if call.kind == "set_active_replica" and call.begin < one.at < call.end}
        return len(in_calls), len(in_changes)

    def tell(self, clients, records, held):
        in_calls, in_changes = self.counts(records)
        answers = clients.answers.values()
        written = sum(None not in (one.size, one.done_at) for one in clients.touches)
        ends = collections.Counter(event["type"] for record in records
                                   for event in record["events"])
        facts = {
            "kills": len(self.kills),
            "  inside a driver's call": in_calls,
            "  set-actives that were hit": in_changes,
            "  with rsync left alive": sum(bool(one.orphans) for one in self.kills),
            "rsync left alive": len(set().union(*(one.orphans for one in self.kills))),
            "longest way back, seconds": round(max(one.back_after for one in self.kills), 1),
            "seconds until all was well again": round(self.settled_after, 1),
            "commands accepted": sum(one.accepted for one in answers),
            "commands refused": sum(not one.accepted for one in answers),
            "commands sent again": sum(one.tries > 1 for one in answers),
            "records": len(records),
            "changes of the active replica": ends["ActiveReplicaChanged"],
            "operations done": ends["OperationCompleted"],
            "operations failed": ends["OperationFailed"],
            "files written and held to be there": held,
            "files that a forced change may have lost": written - held,
            "writes and deletions that a fence stopped": sum(one.done_at is None
                                                           for one in clients.touches),
        }
        for name, value in facts.items():
            print(f"{name:50} {value}", file=sys.stderr)

    def check_counts(self, records):
        in_calls, in_changes = self.counts(records)
        self.assertGreaterEqual(len(self.kills), KILLS)
        self.assertGreaterEqual(in_calls, IN_CALLS)
        self.assertGreaterEqual(in_changes, IN_CHANGES)
        self.assertGreaterEqual(sum(bool(one.orphans) for one in self.kills), WITH_ORPHANS)
