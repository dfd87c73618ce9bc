"""Fail-over when things break: the old side is gone and comes back, the last sync fails, a third
replica is ahead of the new active one. What was written by somebody is in the share or kept aside
and reported, roles are as the log says, and nobody has to clean up.
"""

import unittest

from faults import AS_ROOT, ORDINARY, Story, digest, holds, run_at_once

load_tests = run_at_once


class FailoverStory(Story):
    def take_away(self, zone):
        self.root(zone).rename(self.away(zone))

    def bring_back(self, zone):
        self.away(zone).rename(self.root(zone))

    def away(self, zone):
        return self.root(zone).with_name(f"{zone}-away")

    def export_of_the_missing(self, zone):
        return self.away(zone) / self.export(zone).relative_to(self.root(zone))

    def set_active(self, zone, *options):
        return self.pasig("replica", "set-active", f"data@{zone}", "--wait", *options)

    def change(self):
        """The last one that happened."""
        return self.events("ActiveReplicaChanged")[-1]

    def types_of(self, *kinds):
        """In the order of the log."""
        return [
            event["type"]
            for record in self.pasigd.history("data")
            for event in record["events"]
            if event["type"] in kinds
        ]

    def nothing_changed(self, epoch, active):
        share = self.share()
        self.assertEqual(share["epoch"], epoch)
        self.assertEqual(self.active_zone(), active)
        self.assertEqual(len(self.events("ActiveReplicaChanged")), epoch - 1)

    def users_can_write(self, zone, name):
        text = f"{name} in zone {zone}\n"
        self.assertIsNone(self.client(ORDINARY).ask("new", self.export(zone) / name, text))
        return text

    def fence_binds_open_files(self):
        pools = self.pasigd.ask("pool", "list")["pools"]
        words = {one["capabilities"]["fence_binds"] for one in pools}
        return all("root, and descriptors opened before" in one for one in words)

    def come_back_with_late_writes(self, zone, active):
        """Clients that were cut off together with the old root wrote to it all the while."""
        late = self.client(ORDINARY)
        missing = self.export_of_the_missing(zone)
        self.assertIsNone(late.ask("new", missing / "first", "late, appended\n"))
        self.assertIsNone(late.ask("new", missing / "late", "late, in a new file\n"))
        binds_open = self.fence_binds_open_files()
        if binds_open:
            self.assertIsNone(late.ask("open", missing / "journal"))
            self.assertIsNone(late.ask("write", "late, by a descriptor\n"))
        before = digest(self.export(active))
        self.bring_back(zone)
        replica = self.replica(zone)["id"]
        fenced = self.wait_event("ReplicaFenced", replica=replica)
        self.assertEqual(fenced["fence"]["state"], "enforced", fenced)
        if binds_open:
            self.assertEqual(late.ask("write", "after the fence\n"), "EPERM")
        aside = self.wait_event("DivergedDataKeptAside", replica=replica)
        for text in ("late, appended", "late, in a new file"):
            self.assertTrue(holds(aside["path"], text), aside)
        self.assertEqual(len(self.kept_aside()), 1)
        self.assertIn(aside["path"], self.history())
        self.assertIn("kept aside", self.why(zone))
        self.assertIn(aside["path"], str(self.replica(zone)["aside"]))
        self.assertEqual(digest(self.export(active)), before)
        self.wait_in_sync(zone)
        self.assertFalse(holds(self.export(zone), "late, "))


class ForcedFailover(FailoverStory):
    def test_old_root_that_comes_back_is_fenced_its_writes_aside_and_follows(self):
        self.make_share()
        self.wait_in_sync("b")
        self.take_away("a")
        code, said = self.set_active("b", "--mode", "forced", "--reason", "zone a burns")
        self.assertEqual(code, 0, said)
        change = self.change()
        self.assertEqual(change["fence"]["state"], "pending", change)
        self.assertTrue(change["loss_window_known"], change)
        self.assertIn("zone a burns", self.why("b"))
        self.users_can_write("b", "after")
        self.come_back_with_late_writes("a", "b")
        self.assertEqual(
            self.types_of("ActiveReplicaChanged", "ReplicaFenced", "DivergedDataKeptAside"),
            ["ActiveReplicaChanged", "ReplicaFenced", "DivergedDataKeptAside"],
        )
        self.end()


    def test_side_that_answers_keeps_aside_what_was_not_copied(self):
        self.sync_interval, self.rpo = 3600, 7200
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.write("newest", "never copied\n")
        code, said = self.set_active("b", "--mode", "forced")
        self.assertEqual(code, 0, said)
        change = self.change()
        self.assertEqual(change["fence"]["state"], "enforced", change)
        self.assertGreater(change["loss_window_micros"], 0)
        self.assertFalse(holds(self.export("b"), "never copied"))
        aside = self.wait_event("DivergedDataKeptAside", replica=self.replica("a")["id"])
        self.assertTrue(holds(aside["path"], "never copied"), aside)
        self.wait_in_sync("a")
        self.end()


class AutoFailover(FailoverStory):
    def test_goes_on_without_an_old_side_that_does_not_answer(self):
        self.make_share()
        self.wait_in_sync("b")
        self.take_away("a")
        code, said = self.set_active("b", "--quiesce-wait", "2")
        self.assertEqual(code, 0, said)
        change = self.change()
        self.assertEqual((change["mode"], change["effective_mode"]), ("auto", "forced"))
        self.users_can_write("b", "after")
        self.come_back_with_late_writes("a", "b")
        self.end()

    def test_loses_nothing_while_the_old_side_answers(self):
        self.sync_interval, self.rpo = 3600, 7200  # only the change brings it over
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.write("last", "written right before\n")
        code, said = self.set_active("b")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.change()["effective_mode"], "planned")
        self.assertTrue(holds(self.export("b"), "written right before"))
        self.assertEqual(self.events("DivergedDataKeptAside"), [])
        self.end()


class PlannedFailover(FailoverStory):
    sync_interval = 3600  # only the change brings anything over
    rpo = 7200

    def test_failing_last_sync_changes_nothing(self):
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        copy = digest(self.export("b"))
        held = self.client(ORDINARY)
        self.assertIsNone(held.ask("open", self.export("a") / "journal"))
        self.assertIsNone(held.ask("write", "before\n"))
        rsync = self.pasigd.rsyncs["b"]
        rsync.behave("echo 'rsync: the cable was eaten' >&2; exit 12")
        code, said = self.set_active("b", "--mode", "planned")
        self.assertEqual(code, 1, said)
        self.assertIn("the cable was eaten", said)
        self.nothing_changed(epoch=1, active="a")
        self.assertEqual(digest(self.export("b")), copy)
        self.assertIsNone(held.ask("write", "by the old descriptor\n"))
        self.users_can_write("a", "after")
        if AS_ROOT:
            self.assertIsNone(self.client(0).ask("new", self.export("a") / "by-root", "text\n"))
        [failed] = self.events("ActiveReplicaChangeFailed")
        self.assertIn("the cable was eaten", str(failed))
        operation = self.pasigd.operations()[0]
        self.assertEqual(operation["status"], "failed", operation)
        self.assertIn("the cable was eaten", operation["failure"]["words"])
        self.assertIn("the cable was eaten", self.history())
        self.assertIn("the cable was eaten", self.why("b"))
        rsync.behave(rsync.HONEST)
        self.close_clients()
        code, said = self.set_active("b", "--mode", "planned")
        self.assertEqual(code, 0, said)
        for text in ("by the old descriptor", "after in zone a"):
            self.assertTrue(holds(self.export("b"), text), text)
        self.end()

    def test_missing_old_side_changes_nothing(self):
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.take_away("a")
        code, said = self.set_active("b", "--mode", "planned")
        self.assertEqual(code, 1, said)
        self.assertIn("No such file or directory", said)
        self.nothing_changed(epoch=1, active="a")
        self.bring_back("a")
        self.wait("zone a to be whole again", lambda: self.replica("a")["status"] == "available")
        self.nothing_changed(epoch=1, active="a")
        self.users_can_write("a", "after")
        self.assertEqual(self.events("ReplicaFenced"), [])
        self.assertEqual(self.events("DivergedDataKeptAside"), [])
        self.end()


class ThirdReplica(FailoverStory):
    zones = "abc"

    def test_follows_the_new_active(self):
        self.make_share()
        for zone in "bc":
            self.wait_in_sync(zone)
        code, said = self.set_active("b", "--mode", "planned")
        self.assertEqual(code, 0, said)
        self.users_can_write("b", "after")
        for zone in "ac":
            self.wait_in_sync(zone)
            self.assertTrue(holds(self.export(zone), "after in zone b"))
        self.assertEqual(self.events("DivergedDataKeptAside"), [])
        self.end()

    def test_ahead_of_the_new_active_is_named_then_kept_aside_and_follows(self):
        self.make_share()
        for zone in "bc":
            self.wait_in_sync(zone)
        self.take_away("b")
        self.write("newest", "only in zones a and c\n")
        self.wait_in_sync("c")
        self.take_away("a")
        self.bring_back("b")
        ahead = self.replica("c")["id"]
        self.wait("zone b to answer", lambda: self.replica("b")["reachable"])
        code, said = self.set_active("b", "--mode", "forced")
        self.assertIn(code, (1, 4), said)
        self.assertIn(ahead, said)
        self.nothing_changed(epoch=1, active="a")
        code, said = self.set_active("b", "--mode", "forced", "--accept-older")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.change()["diverged"], [ahead])
        self.assertFalse(holds(self.export("b"), "only in zones a and c"))
        aside = self.wait_event("DivergedDataKeptAside", replica=ahead)
        self.assertTrue(holds(aside["path"], "only in zones a and c"), aside)
        self.users_can_write("b", "after")
        self.wait_in_sync("c")
        self.bring_back("a")
        aside = self.wait_event("DivergedDataKeptAside", replica=self.replica("a")["id"])
        self.assertTrue(holds(aside["path"], "only in zones a and c"), aside)
        self.wait_in_sync("a")
        self.kept_aside()
        self.end()


if __name__ == "__main__":
    unittest.main()
