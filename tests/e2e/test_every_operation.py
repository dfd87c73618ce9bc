"""Every operation on a share with replicas in three zones, as one story told twice: with all zones
reachable, and with one away from the beginning, which comes back at the end and catches up.
"""

import unittest

from faults import AS_ROOT, run_at_once
from operations import MEMBER, Operations, as_user

load_tests = run_at_once


@unittest.skipUnless(AS_ROOT, "acts as several users and breaks seals: needs root")
class EveryOperation(Operations):
    def set_the_stage(self):
        self.make_share(first="first\n", log="a line\n", long="long " * 1000, replaced="old\n")
        folder = self.export("a") / "folder"
        folder.mkdir()
        (folder / "inner").write_text("inner\n")
        (folder / "link").symlink_to("../first")
        for name in ("", "first", "log", "long", "replaced"):
            (self.export("a") / name).chmod(0o777)
        self.wait_all_in_sync()
        for zone in self.away:
            self.take_away(zone)

    def tell(self):
        self.set_the_stage()
        for step in (self.snapshots, self.share_from_snapshot, self.revert, self.sizes, self.access,
                     self.planned_change, self.forced_change_and_what_is_kept_aside, self.adoption,
                     self.damage, self.pauses):
            step()

    def what_is_told(self):
        history = self.history()
        for words in ("the wrong folder", "the disk was loud", "the last hour", "kept aside"):
            self.assertIn(words, history)
        _, metrics = self.pasigd.exchange("GET", "/metrics")
        self.assertIn("pasig_replica_lag_seconds{", metrics)
        self.assertIn('pasig_snapshots{status="available"} 1', metrics)
        self.assertIn('pasig_commands_total{command="RevertShare",outcome="accepted"} 1', metrics)

    def finish(self):
        self.ok("access", "remove", "data", MEMBER, "--wait")
        self.assertFalse(as_user(MEMBER, "cat", self.export("a") / "first"))
        self.what_is_told()
        self.end()


class AllReachable(EveryOperation):
    def test_story(self):
        self.tell()
        self.controllers()
        self.finish()


class OneAway(EveryOperation):
    away = "c"

    def test_story(self):
        self.tell()
        self.assertFalse(self.replica("c")["reachable"])
        self.bring_back("c")
        self.away = ""
        self.wait_all_in_sync()
        self.wait("every copy of the snapshot", lambda: all(
            one["status"] == "available" for one in self.snapshot("monday")["copies"]))
        self.expect_copies("monday", self.monday)
        left = [one["name"] for one in self.ask("snapshot", "list", "data")["snapshots"]]
        self.assertEqual(left, ["monday"])
        self.wait("the access rules to be told", lambda: self.states_of(MEMBER)["c"] ==
                  ("active", "ro"))
        self.expect_access()
        self.finish()


if __name__ == "__main__":
    unittest.main()
