"""Plans of a change of the active replica (`--dry-run`) of a share with three replicas, access
rules, a snapshot and work that waits: a plan that would go through touches nothing, neither the log
nor the state nor storage, and what it foretells is what a real run writes then."""

import os
import pathlib
import pwd
import time
import unittest

from service import ServiceTest

MEMBER = pwd.getpwuid(65534).pw_name
# Nothing but commands writes: the next sync and the next status call are hours away.
QUIET = {"status_interval_seconds": 3600, "stats_interval_seconds": 3600,
         "scrub_interval_seconds": 86400}
STILL = 3  # seconds; whatever a command entails is begun long before


def looked_at(top):
    """Everything below a directory, with what changes when it is touched."""
    seen = {}
    for folder, names, files in os.walk(top):
        for name in [".", *names, *files]:
            at = os.path.join(folder, name)
            status = os.lstat(at)
            seen[at] = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns,
                        status.st_ctime_ns)
    return seen


class Plans(ServiceTest):
    def setUp(self):
        self.one = self.service(zones=("zone-a", "zone-b", "zone-c"), timings=QUIET)
        self.one.start()
        self.one.ask("type", "create", "gold", "--replication", "readable", "--rpo", 7200,
                     "--sync-interval", 3600)
        self.one.ask("share", "create", "docs", "--type", "gold", "--zone", "zone-a", "--wait")
        for zone in ("zone-b", "zone-c"):
            self.one.ask("replica", "add", "docs", "--zone", zone, "--wait")
        live = pathlib.Path(self.replica("zone-a")["exports"][0].split(":")[-1])
        (live / "file").write_text("the last word")
        self.one.ask("access", "add", "docs", "user", MEMBER, "--wait")
        self.one.ask("snapshot", "create", "docs", "monday", "--wait")
        self.one.wait_until("all to be well", self.is_well)

    def replica(self, zone):
        return next(one for one in self.one.replicas("docs") if one["zone"] == zone)

    def is_well(self):
        return not self.one.operations(pending=True) and all(
            one["state"] in ("active", "in_sync") and one["status"] == "available"
            for one in self.one.replicas("docs"))

    def quiet(self):
        """The log, the state and storage, when nothing was done to them for a while."""
        def look():
            seen = {}
            for root in self.one.roots.values():
                seen.update(looked_at(root))
            status = self.one.get("/pasig/v1/status")
            return status["log"]["records"], status["state_digest"], status["verdict_digest"], seen

        def settled():
            first = look()
            time.sleep(STILL)
            return first if look() == first else None

        return self.one.wait_until("storage to stand still", settled)

    def change(self, mode, zone, *more):
        # Which of the others has the newest copy is not what this is about.
        older = ["--accept-older"] if mode == "forced" else []
        return ("replica", "set-active", f"docs@{zone}", "--mode", mode, *older, "--command-id",
                f"{mode}-{zone}", *more)

    def plan(self, mode, zone):
        plan = self.one.ask(*self.change(mode, zone), "--dry-run")["plan"]
        self.assertTrue(plan["goes_through"], plan)
        return plan

    def came_true(self, mode, zone):
        plan = self.plan(mode, zone)
        foretold = [self.told(event, plan) for record in plan["records"]
                    for event in record["events"]]
        start = self.one.get("/pasig/v1/status")["log"]["records"]
        self.one.ask(*self.change(mode, zone), "--wait")
        came, change = [], None
        for record in self.one.history("docs"):
            if record["ordinal"] < start or record["outcome"] != "accepted":
                continue
            if record["command"] == "SetActiveReplica":
                change = next(event["data"]["operation"] for event in record["events"]
                              if event["data"].get("kind") == "set_active_replica")
            elif not any(event["type"] in ("OperationStarted", "OperationCompleted")
                         and event["data"]["operation"] == change for event in record["events"]):
                continue  # a step of something else
            came += [self.told(event, plan) for event in record["events"]]
        self.assertEqual(came, foretold)
        return plan

    @staticmethod
    def told(event, plan):
        return event["type"], {name: value for name, value in event["data"].items()
                               if name not in plan["not_foretold"]}

    def test_a_plan_touches_nothing(self):
        before = self.quiet()
        for mode in ("planned", "auto", "forced"):
            for zone in ("zone-b", "zone-c"):
                self.plan(mode, zone)
        self.assertEqual(self.quiet(), before)

    def test_what_was_foretold_comes(self):
        self.came_true("planned", "zone-b")
        self.one.wait_until("all to be well", self.is_well)
        self.came_true("auto", "zone-c")
        self.one.wait_until("all to be well", self.is_well)
        self.one.ask("pause", "--controller", "in-zone-b", "--reason", "a disk is changed")
        self.one.ask("replica", "remove", "docs@zone-b")
        self.came_true("forced", "zone-a")  # the removal waits, and gives way
        self.one.ask("resume", "--controller", "in-zone-b")
        self.one.wait_until("all to be well again", lambda: all(
            one["status"] in ("available", "error_deleting")
            for one in self.one.replicas("docs")) and not self.one.operations(pending=True))
        self.one.verify()

    def test_a_paused_old_side_is_left_alone(self):
        self.one.ask("pause", "--controller", "in-zone-a", "--reason", "nobody is to touch it")
        self.quiet()  # what runs goes on
        before = looked_at(self.one.roots["zone-a"])
        code, _, err = self.one.cli(*self.change("planned", "zone-b"), "--wait")
        self.assertEqual(code, 4, err)  # refused
        self.assertIn("nobody is to touch it", err)
        plan = self.came_true("forced", "zone-b")
        self.assertIn("nobody is to touch it", " ".join(plan["remarks"]))
        self.assertEqual(self.replica("zone-a")["fence"]["state"], "pending")
        self.assertEqual(looked_at(self.one.roots["zone-a"]), before)
        self.one.ask("resume", "--controller", "in-zone-a")
        self.one.wait_until("the old side to be fenced",
                            lambda: self.replica("zone-a")["fence"]["state"] == "enforced")


if __name__ == "__main__":
    unittest.main()
