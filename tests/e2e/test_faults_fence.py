"""The fence, as the clients of a share meet it: processes of an ordinary user and of root that
wrote before the active replica was changed write again, by new opens of the old export and of the
old tree, and through the descriptors that they opened before. What each did is printed for each
kind of fence, and is what the directory driver's README and SECURITY.md say of the kind. What was
written by any of them is in the share, or kept aside and reported: never gone without a word.
"""

import unittest

from faults import AS_ROOT, ORDINARY, Story, holds, run_at_once

load_tests = run_at_once
REFUSED = ("EPERM", "EACCES", "EROFS", "ENOENT")


class FenceStory(Story):
    kind = ""

    def setUp(self):
        if not AS_ROOT:
            self.skipTest("acts as several users, for which it has to be root")
        self.options = {"fence": self.kind} if self.kind else {}
        try:
            super().setUp()
        except AssertionError as error:
            if f"fence = {self.kind} does not work on" not in str(error):
                raise
            self.skipTest(f"the fence {self.kind} does not work here: {error}")

    def begin(self):
        self.make_share()
        self.old = self.place("a")
        self.user_client = self.client(ORDINARY)
        self.root_client = self.client(0)
        self.writers = {"user": self.user_client, "root": self.root_client}
        self.accepted = []
        self.refused = []

    def open_before(self, who):
        self.assertIsNone(self.writers[who].ask("open", self.old / "export" / f"log-of-{who}"))
        self.assertIsNone(self.writers[who].ask("write", f"{who} before\n"))

    def attempt(self, who, how):
        """The error's name, or null; what was written is remembered."""
        text = f"{who}, epoch {self.share()['epoch']}, {how}\n"
        words = {
            "descriptor opened before": ("write", text),
            "new open, old export": ("new", self.old / "export" / "first", text),
            "new file, old export": ("new", self.old / "export" / f"new-of-{who}", text),
            "new open, old tree": ("new", self.old / "live" / "first", text),
            "new file, old tree": ("new", self.old / "live" / f"late-of-{who}", text),
        }[how]
        error = self.writers[who].ask(*words)
        (self.accepted if error is None else self.refused).append(text)
        print(f"fence {self.kind or 'auto'}: {who}, {how}: {error or 'written'}")
        return error

    def set_active(self, mode):
        return self.pasig("replica", "set-active", "data@b", "--mode", mode, "--wait")

    def recorded_fence(self):
        """As the event of the change has it; the history and the views say the same."""
        [change] = self.events("ActiveReplicaChanged")
        fence = change["fence"]
        self.assertEqual(fence["state"], "enforced", fence)
        self.assertTrue(fence["words"], fence)
        self.assertIn(fence["kind"], self.history())
        self.assertEqual(self.replica("a")["fence"]["kind"], fence["kind"])
        self.assertIn(fence["words"], self.ok("replica", "show", "data@a"))
        return fence

    def end(self):
        """Each text that somebody could write late is in what was reported as kept aside."""
        for text in self.accepted:
            self.wait(
                f"what was written late to be kept aside: {text!r}",
                lambda text=text: any(holds(path, text) for path in self.kept_aside()),
            )
        for text in self.refused:
            self.assertFalse(holds(self.export("b"), text), text)
        self.close_clients()
        self.wait_in_sync("a")
        super().end()


class ImmutableFence(FenceStory):
    kind = "immutable"

    def test_binds_root_and_old_descriptors_as_it_says(self):
        self.begin()
        for who in self.writers:
            self.open_before(who)
        code, said = self.set_active("planned")
        self.assertEqual(code, 0, said)
        fence = self.recorded_fence()
        self.assertEqual(fence["kind"], "immutable")
        binds_open = "goes on writing" not in fence["words"]
        for who in self.writers:
            for how in ("new open, old export", "new file, old export"):
                self.assertIn(self.attempt(who, how), REFUSED, how)
            for how in ("new open, old tree", "new file, old tree"):
                self.assertEqual(self.attempt(who, how), "EPERM", how)
            expected = "EPERM" if binds_open else None
            self.assertEqual(self.attempt(who, "descriptor opened before"), expected)
        for who in self.writers:  # what was acknowledged before the fence is in the new line
            self.assertTrue(holds(self.export("b"), f"{who} before\n"))
        self.end()


class ModeFence(FenceStory):
    kind = "mode"

    def test_binds_new_opens_of_users_and_keeps_aside_what_others_write(self):
        self.begin()
        for who in self.writers:
            self.open_before(who)
        code, said = self.set_active("planned")
        self.assertEqual(code, 0, said)
        fence = self.recorded_fence()
        self.assertEqual(fence["kind"], "mode")
        self.assertIn("does not bind root", fence["words"])
        for how in ("new open, old export", "new file, old export"):
            self.assertIn(self.attempt("user", how), REFUSED, how)
            if self.frozen_binds_root():
                self.assertIn(self.attempt("root", how), REFUSED, how)
        for how in ("new open, old tree", "new file, old tree"):
            self.assertEqual(self.attempt("user", how), "EACCES", how)
        self.assertIsNone(self.attempt("root", "new file, old tree"))
        # From here on the tree may have been found and moved aside.
        self.assertIn(self.attempt("root", "new open, old tree"), (None, "ENOENT"))
        for who in self.writers:
            self.assertIsNone(self.attempt(who, "descriptor opened before"))
            self.assertTrue(holds(self.export("b"), f"{who} before\n"))
        self.end()

    def frozen_binds_root(self):
        pools = self.pasigd.ask("pool", "list")["pools"]
        return all(one["capabilities"]["frozen"] == "immutable" for one in pools)


class MountFence(FenceStory):
    kind = "mount"

    def test_planned_change_waits_for_the_writers_and_then_binds_root(self):
        self.begin()
        for who in self.writers:
            self.open_before(who)
        code, said = self.set_active("planned")
        self.assertEqual(code, 1, said)
        self.assertIn("busy", said)
        self.assertEqual(self.active_zone(), "a")
        for who in self.writers:  # nothing changed: all of them write as before
            for how in ("descriptor opened before", "new open, old export"):
                self.assertIsNone(self.attempt(who, how), how)
        before, self.accepted = self.accepted, []
        self.close_clients()
        code, said = self.set_active("planned")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.recorded_fence()["kind"], "mount")
        self.writers = {"user": self.client(ORDINARY), "root": self.client(0)}
        for who in self.writers:
            for how in ("new open, old export", "new file, old export"):
                self.assertIn(self.attempt(who, how), REFUSED, how)
            for how in ("new open, old tree", "new file, old tree"):
                self.assertIn(self.attempt(who, how), ("EROFS", "ENOENT"), how)
        for text in before:
            self.assertTrue(holds(self.export("b"), text), text)
        self.end()

    def test_forced_change_tells_of_an_open_writer_until_it_is_gone(self):
        self.begin()
        for who in self.writers:
            self.open_before(who)
        self.wait("a copy of what was there before", lambda: holds(self.export("b"), "before"))
        code, said = self.set_active("forced")
        self.assertEqual(code, 0, said)
        [change] = self.events("ActiveReplicaChanged")
        self.assertEqual(change["fence"]["state"], "pending", change)
        self.assertIn("busy", change["fence"]["words"])
        for who in self.writers:
            self.assertIsNone(self.attempt(who, "descriptor opened before"))
            for how in ("new open, old tree", "new file, old tree"):
                # A pending fence is tried again every few seconds, and the cover of the last try
                # goes first: the one attempt that falls into that moment gets through.
                seen = [self.attempt(who, how), self.attempt(who, how)]
                self.assertIn("EROFS", seen, how)
        self.close_clients()
        fenced = self.wait_event("ReplicaFenced", replica=self.replica("a")["id"])
        self.assertEqual(fenced["fence"]["kind"], "mount", fenced)
        self.end()


class StrongestFence(FenceStory):
    def test_is_chosen_where_none_is_asked_for(self):
        self.begin()
        capabilities = [one["capabilities"] for one in self.pasigd.ask("pool", "list")["pools"]]
        [kind] = {one["fence"] for one in capabilities}
        code, said = self.set_active("planned")
        self.assertEqual(code, 0, said)
        fence = self.recorded_fence()
        self.assertEqual(fence["kind"], kind)
        self.assertEqual(fence["words"], capabilities[0]["fence_binds"])
        self.attempt("user", "new open, old export")
        self.attempt("root", "new open, old export")
        self.end()


if __name__ == "__main__":
    unittest.main()
