"""pasigd run by an ordinary user on roots of its own: it replicates and fails over, with what that
user may do, and says what that is: the fence takes write bits away, owners are emulated. What it
cannot do is refused in words that help.
"""

import unittest

from faults import AS_ROOT, ORDINARY, Story, digest, holds, run_at_once

load_tests = run_at_once


class OrdinaryUser(Story):
    user = ORDINARY if AS_ROOT else None

    def capabilities(self):
        [all_alike] = {
            tuple(one["capabilities"][key] for key in ("fence", "ownership", "frozen"))
            for one in self.pasigd.ask("pool", "list")["pools"]
        }
        return all_alike


class WhatWorks(OrdinaryUser):
    def test_planned_change_is_fenced_by_mode_and_late_writes_are_kept_aside(self):
        self.assertEqual(self.capabilities(), ("mode", "emulated", "without write bits"))
        self.make_share(first="first\n")
        self.write("script", "#!/bin/sh\n")
        self.wait_in_sync("b")
        late = self.client(ORDINARY)
        old = self.place("a")
        self.assertIsNone(late.ask("open", old / "export" / "journal"))
        self.assertIsNone(late.ask("write", "before\n"))
        self.ok("replica", "set-active", "data@b", "--mode", "planned", "--wait")
        [change] = self.events("ActiveReplicaChanged")
        self.assertEqual(change["fence"]["kind"], "mode")
        self.assertIn("binds new opens of ordinary users", change["fence"]["words"])
        self.assertIn("(mode)", self.why("a"))
        for how in ("export", "live"):
            self.assertEqual(late.ask("new", old / how / "first", "late\n"), "EACCES")
            self.assertEqual(late.ask("new", old / how / "late", "late\n"), "EACCES")
        self.assertIsNone(late.ask("write", "late, by the old descriptor\n"))
        aside = self.wait_event("DivergedDataKeptAside")
        self.assertTrue(holds(aside["path"], "late, by the old descriptor"), aside)
        self.assertTrue(holds(self.export("b"), "before\n"))
        self.assertFalse(holds(self.export("b"), "late"))
        self.write("after", "after\n")
        self.wait_in_sync("a")
        self.close_clients()
        self.end()
        for zone, verb in (("a", ("replica", "remove", "data@a")),
                           ("b", ("share", "delete", "data"))):
            for left in self.pasigd.ask("debris", "list")["debris"]:  # what was kept aside
                self.ok("debris", "forget", "data", "--replica", left["replica"], "--controller",
                        left["controller"], "--reason", "looked at")
            self.ok(*verb, "--wait")
            self.assertEqual(list(self.root(zone).glob("shares/*/*")), [])
        kept = [one for one in self.root("a").rglob("journal") if "aside" in str(one)]
        self.assertEqual(len(kept), 1)  # what was kept aside is never deleted

    def test_forced_change_and_return_need_no_rights(self):
        self.make_share(first="first\n")
        self.wait_in_sync("b")
        away = self.root("a").with_name("a-away")
        old = self.place("a").relative_to(self.root("a"))
        self.root("a").rename(away)
        self.ok("replica", "set-active", "data@b", "--mode", "forced", "--wait")
        before = digest(self.export("b"))
        client = self.client(ORDINARY)
        self.assertIsNone(client.ask("new", away / old / "export" / "late", "late\n"))
        away.rename(self.root("a"))
        fenced = self.wait_event("ReplicaFenced", replica=self.replica("a")["id"])
        self.assertEqual(fenced["fence"]["kind"], "mode")
        aside = self.wait_event("DivergedDataKeptAside")
        self.assertTrue(holds(aside["path"], "late\n"), aside)
        self.assertEqual(digest(self.export("b")), before)
        self.wait("zone a to follow", lambda: digest(self.export("a")) == before)
        self.end()


@unittest.skipUnless(AS_ROOT, "makes what another user cannot read: needs root")
class WhatDoesNot(OrdinaryUser):
    def test_file_that_it_cannot_read_is_named(self):
        self.make_share(first="first\n")
        self.wait_in_sync("b")
        copy = digest(self.export("b"))
        secret = self.export("a") / "secret"
        secret.write_text("of root\n")
        secret.chmod(0o600)
        self.wait("that to be told", lambda: "secret" in self.replica("b")["observed_words"])
        self.assertIn("Permission denied", self.replica("b")["observed_words"])
        self.assertEqual(digest(self.export("b")), copy)
        secret.unlink()
        self.write("second", "second\n")
        self.wait_in_sync("b")
        self.end()

    def test_fence_that_needs_root_is_refused_at_the_start(self):
        for kind in ("immutable", "mount"):
            self.options = {"fence": kind}
            pasigd = self.another()
            pasigd.spawn()
            self.assertNotEqual(pasigd.process.wait(90), 0)
            said = pasigd.log_tail()
            self.assertIn(f"fence = {kind} does not work on {pasigd.roots['a']}", said)
            self.assertIn("here the strongest is mode", said)


if __name__ == "__main__":
    unittest.main()
