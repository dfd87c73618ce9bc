"""What must never pass for a copy: an rsync that leaves out, cuts, flips or does nothing and says
that all went well; a root that is missing, empty, another one or a new one; a source of which most
files are gone. The replica is out of sync and says why, the last good copy stays as it was, nothing
is deleted on the other side, and the replica follows again once the cause is gone.
"""

import json
import unittest

from faults import PATIENCE, Story, digest, run_at_once

load_tests = run_at_once

# A replica that fell out of sync is not believed better for a minute: it must not come and go.
AFTER_A_MINUTE = 60 + PATIENCE

FOREIGN = "11111111-2222-4333-8444-555555555555"  # the number of another service's root

LIARS = {  # by zone; each does what it says to the file `big`, keeps its time, and answers 0
    "b": 'rsync --exclude=/big "$@"',
    "c": 'rsync "$@"; touch -r "$to/big" "$here/time"; truncate -s 5 "$to/big"; '
    'touch -r "$here/time" "$to/big"',
    "d": "exit 0",
    "e": 'rsync "$@"; touch -r "$to/big" "$here/time"; '
    'printf X | dd of="$to/big" bs=1 seek=7 conv=notrunc status=none; '
    'touch -r "$here/time" "$to/big"',
}


class LyingRsync(Story):
    zones = "a" + "".join(LIARS)

    def test_is_found_by_the_manifest_and_the_last_copy_stays(self):
        self.make_share(first="first\n")
        for zone in LIARS:
            self.wait_in_sync(zone)
        copies = {zone: digest(self.export(zone)) for zone in LIARS}
        for zone, behaviour in LIARS.items():
            self.pasigd.rsyncs[zone].behave(behaviour)
        self.write("big", "0123456789" * 1000)
        for zone in LIARS:
            self.wait_state(zone, "out_of_sync", "manifest_mismatch")
            self.assertIn("big", self.replica(zone)["note"])
            self.assertIn("different from its manifest", self.why(zone))
        calls = {zone: self.pasigd.rsyncs[zone].calls() for zone in LIARS}
        for zone in LIARS:  # it is tried again, and is not believed then either
            self.wait(
                f"more syncs of zone {zone}",
                lambda zone=zone: self.pasigd.rsyncs[zone].calls() >= calls[zone] + 4,
            )
            self.assertEqual(self.replica(zone)["state"], "out_of_sync")
            self.assertEqual(digest(self.export(zone)), copies[zone])
            self.assertEqual(len(self.came_in_sync(zone)), 1)
        for rsync in self.pasigd.rsyncs.values():
            rsync.behave(rsync.HONEST)
        for zone in LIARS:
            self.wait_in_sync(zone, AFTER_A_MINUTE)
            self.assertEqual(len(self.came_in_sync(zone)), 2)
        self.end()

    def came_in_sync(self, zone):
        replica = self.replica(zone)["id"]
        return [one for one in self.events("ReplicaCameInSync") if one["replica"] == replica]


class VanishingFiles(Story):
    def test_make_another_pass_and_nothing_else(self):
        self.make_share()
        self.wait_in_sync("b")
        rsync = self.pasigd.rsyncs["b"]
        once = 'if [ ! -e "$here/passed" ]; then touch "$here/passed"; exit 24; fi; '
        calls = rsync.calls()
        rsync.behave(once + rsync.HONEST)
        self.write("second", "second\n")
        self.wait("another pass", lambda: rsync.calls() >= calls + 2)
        self.wait_in_sync("b")
        self.assertTrue((rsync.behaviour.parent / "passed").exists())
        self.assertEqual(self.events("ReplicaFellOutOfSync"), [])
        self.end()

    def test_that_never_stop_are_told_with_their_code(self):
        self.make_share()
        self.wait_in_sync("b")
        rsync = self.pasigd.rsyncs["b"]
        rsync.behave("echo 'file has vanished: \"second\"' >&2; exit 24")
        copy = digest(self.export("b"))
        self.write("second", "second\n")
        self.wait_state("b", "out_of_sync", "has vanished")
        self.assertIn("code 24", self.why("b"))
        self.assertEqual(digest(self.export("b")), copy)
        self.end()


class RootStory(Story):
    """Something else stands where a controller's root was; its own is kept beside it."""

    broken = ""  # the zone
    other = ""

    def own(self):
        root = self.root(self.broken)
        return root.with_name(root.name + "-own")

    def put_in_place(self, how):
        root = self.root(self.broken)
        root.rename(self.own())
        if how == "empty":
            root.mkdir()
        elif how == "foreign":  # of another service, whose marker is as good as ours
            root.mkdir()
            marker = json.loads((self.own() / ".pasig-controller").read_text())
            (root / ".pasig-controller").write_text(json.dumps({**marker, "uuid": FOREIGN}))
            (root / "shares").mkdir()

    def take_out(self):
        root = self.root(self.broken)
        if root.exists():
            self.wrong_roots += 1
            root.rename(root.with_name(f"{root.name}-wrong-{self.wrong_roots}"))
        self.own().rename(root)

    def setUp(self):
        super().setUp()
        self.wrong_roots = 0
        self.make_share(first="first\n", second="second\n")
        self.wait_in_sync("b")
        self.good = digest(self.export(self.other))

    def looks(self):
        """When the worker last looked at the two sides."""
        return [self.replica(zone)["observed_at"] for zone in (self.broken, self.other)]

    def nothing_is_deleted(self):
        """However often it is looked at and synced, after each of these the other side is whole."""
        before = self.looks()
        self.wait(
            "both sides to be looked at again",
            lambda: all(now > then for now, then in zip(self.looks(), before)),
        )
        self.assertEqual(digest(self.export(self.other)), self.good)

    def wait_told(self, words):
        replica = self.replica(self.broken)["id"]
        self.wait(f"{words!r} in the note", lambda: words in self.replica(self.broken)["note"])
        self.assertIn(words, self.why(self.broken))
        self.assertIn(words, self.ok("history", replica, "--limit", "1000"))

    def stands_in(self, how, words):
        self.put_in_place(how)
        self.wait_told(words)
        self.nothing_is_deleted()
        self.take_out()
        self.wait_back()

    def wait_back(self):
        self.wait(
            f"zone {self.broken} to be found whole",
            lambda: self.replica(self.broken)["status"] == "available"
            and self.replica(self.broken)["reachable"],
        )

    def stands_in_at_a_restart(self, how, words):
        """Also pasigd that starts with it, and has never seen the right one, is not deceived."""
        self.pasigd.stop()
        self.put_in_place(how)
        made = [one.name for one in self.root(self.broken).iterdir()]
        self.pasigd.start()
        self.wait_told(words)
        self.nothing_is_deleted()
        self.assertEqual([one.name for one in self.root(self.broken).iterdir()], made)
        self.pasigd.stop()
        self.take_out()
        self.pasigd.start()
        self.wait_back()
        self.nothing_is_deleted()


class WrongRootOfTheActive(RootStory):
    broken, other = "a", "b"

    def test_is_never_read_as_a_deletion(self):
        self.stands_in("foreign", FOREIGN)
        self.stands_in("empty", ".pasig-controller")
        self.stands_in("missing", "looking at")
        self.stands_in_at_a_restart("foreign", "it was on the root")
        self.stands_in_at_a_restart("empty", ".pasig-controller")
        self.assertEqual(self.active_zone(), "a")
        self.assertEqual(digest(self.export("a")), self.good)
        self.write("third", "third\n")
        self.wait_in_sync("b", AFTER_A_MINUTE)
        self.end()


class WrongRootOfTheSecondary(RootStory):
    broken, other = "b", "a"

    def test_is_never_copied_into_or_from(self):
        self.stands_in("foreign", FOREIGN)
        self.stands_in_at_a_restart("foreign", "it was on the root")
        self.stands_in_at_a_restart("empty", ".pasig-controller")
        self.put_in_place("missing")  # out of reach as before: no news for the log
        self.wait("that to be seen", lambda: "looking at" in self.replica("b")["observed_words"])
        self.nothing_is_deleted()
        self.take_out()
        self.wait_back()
        self.assertEqual(digest(self.export("b")), self.good)
        for wrong in self.pasigd.top.glob("b-wrong-*"):  # nothing was put where it does not belong
            self.assertEqual(list(wrong.glob("shares/*")), [])
        self.write("third", "third\n")
        self.wait_in_sync("b", AFTER_A_MINUTE)
        self.end()


class LiveTreeOfTheActive(Story):
    def test_that_is_gone_is_told_and_found_again(self):
        self.make_share(first="first\n")
        self.wait_in_sync("b")
        live = self.place("a") / "live"
        away = self.pasigd.top / "live-away"
        live.rename(away)
        self.wait("the loss to be told", lambda: self.replica("a")["status"] == "error")
        self.assertIn("its data is not there", self.why("a"))
        self.assertEqual(digest(self.export("b")), digest(away))
        away.rename(live)
        self.wait("it to be found", lambda: self.replica("a")["status"] == "available")
        self.write("second", "second\n")
        self.wait_in_sync("b", AFTER_A_MINUTE)
        self.end()


class MassDeletion(Story):
    def make_files(self, directory):
        """In a place of their own, from where one rename brings them in or takes them away: no sync
        sees half of it."""
        made = self.pasigd.top / directory
        made.mkdir()
        for number in range(8):
            (made / f"file{number}").write_text(f"{number}\n")
        made.rename(self.export("a") / directory)

    def remove_files(self, directory):
        (self.export("a") / directory).rename(self.pasigd.top / f"{directory}-removed")

    def test_waits_for_an_administrator_each_time(self):
        self.make_share(first="first\n")
        for directory in ("all", "more"):
            self.make_files(directory)
            self.wait_in_sync("b")
            copy = digest(self.export("b"))
            self.remove_files(directory)
            self.wait_state("b", "out_of_sync", "mass_deletion_suspected")
            self.assertIn("8 of ", self.why("b"))
            self.write(f"after-{directory}", "text\n")
            seen = self.replica("b")["observed_at"]
            self.wait("the next look", lambda: self.replica("b")["observed_at"] > seen)
            self.assertEqual(self.replica("b")["state"], "out_of_sync")
            self.assertEqual(digest(self.export("b")), copy)
            self.ok("replica", "resync", "data@b", "--wait")
            self.wait_in_sync("b")
            self.assertFalse((self.export("b") / directory).exists())
            self.assertTrue((self.export("b") / f"after-{directory}").exists())
        self.end()


if __name__ == "__main__":
    unittest.main()
