"""The steps of test_every_operation.py: each asks for some operations on one share with replicas in
three zones, of which some may be away, and compares what the service says with what is there:
files, digests, access lists, sizes; and what users may do, who are other processes.
"""

import json
import os
import pathlib
import pwd
import subprocess

from faults import Story, digest, holds

GIB = 1 << 30
FAILED, NOT_FOUND, REFUSED, STILL_WAITING = 1, 3, 4, 6  # pasig's exit codes
MEMBER = pwd.getpwuid(65534).pw_name  # who is let in
STRANGER = pwd.getpwuid(1).pw_name


def as_user(name, *words):
    """Whether that user could do it."""
    user = pwd.getpwnam(name)
    done = subprocess.run(words, user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=False,
                          cwd="/", capture_output=True)
    return done.returncode == 0


def flip_byte(path, at=2):
    """What a disk does that loses a bit: below the seal, and no time tells."""
    times = os.stat(path)
    subprocess.run(["chattr", "-i", path], check=False, capture_output=True)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    subprocess.run(["chattr", "+i", path], check=False, capture_output=True)


class Operations(Story):
    zones = "abc"
    away = ""  # zones that cannot be reached until the end

    def reached(self):
        return [zone for zone in self.zones if zone not in self.away]

    def ask(self, *words):
        return self.pasigd.ask(*words)

    def refused(self, code, *words):
        """The problem's own code, of a command that ends with that exit code."""
        exit_code, out, err = self.pasigd.cli(*words, "-o", "json")
        self.assertEqual(exit_code, code, f"pasig {' '.join(words)}: {out}{err}")
        return json.loads(err)["error"]["code"]

    def take_away(self, zone):
        self.root(zone).rename(self.gone(zone))
        self.wait(f"zone {zone} to be missed", lambda: not self.replica(zone)["reachable"])

    def bring_back(self, zone):
        self.gone(zone).rename(self.root(zone))

    def gone(self, zone):
        return self.root(zone).with_name(f"{zone}-away")

    def wait_all_in_sync(self):
        for zone in self.reached():
            if zone != self.active_zone():
                self.wait_in_sync(zone)

    # --- snapshots

    def snapshot(self, name):
        return self.ask("snapshot", "show", f"data@{name}")

    def tree_of(self, name, zone):
        return self.place(zone) / "snapshots" / self.snapshot(name)["id"] / "tree"

    def expect_copies(self, name, content):
        """Equal trees in all zones that are there; and what is told of them."""
        told = self.snapshot(name)
        self.assertEqual(told["status"], "available", told)
        for copy in told["copies"]:
            is_there = copy["zone"] in self.reached()
            self.assertEqual(copy["status"], "available" if is_there else "creating", copy)
            if is_there:
                self.assertEqual(digest(self.tree_of(name, copy["zone"])), content, copy)

    def write_in_all_ways(self):
        live = self.export(self.active_zone())
        with open(live / "first", "r+b") as file:
            file.write(b"FIRST")
        with open(live / "log", "ab") as file:
            file.write(b"one more line\n")
        os.truncate(live / "long", 5)
        (live / "replaced.new").write_text("another file\n")
        (live / "replaced.new").rename(live / "replaced")
        (live / "folder" / "inner").chmod(0o600)

    def snapshots(self):
        self.monday = digest(self.export("a"))
        self.ok("snapshot", "create", "data", "monday", "--wait")
        self.expect_copies("monday", self.monday)
        self.write_in_all_ways()
        self.tuesday = digest(self.export("a"))
        self.assertNotEqual(self.tuesday, self.monday)
        self.ok("snapshot", "create", "data", "tuesday", "--wait")
        self.write("wednesday", "written after both\n")
        self.wait_all_in_sync()
        self.expect_copies("monday", self.monday)
        self.expect_copies("tuesday", self.tuesday)
        names = [one["name"] for one in self.ask("snapshot", "list", "data")["snapshots"]]
        self.assertEqual(sorted(names), ["monday", "tuesday"])

    def share_from_snapshot(self):
        copy = self.ask("share", "create", "copy", "--snapshot", "data@monday", "--wait")["share"]
        self.assertEqual(digest(copy["exports"][0]), self.monday)
        (pathlib.Path(copy["exports"][0]) / "first").write_text("of the copy\n")
        self.expect_copies("monday", self.monday)
        self.ok("share", "delete", "copy", "--wait")
        self.assertFalse(os.path.lexists(copy["exports"][0]))

    def revert(self):
        code = self.refused(REFUSED, "share", "revert", "data", "monday", "--wait")
        self.assertEqual(code, "snapshot_not_newest")
        self.ok("share", "revert", "data", "tuesday", "--wait", "--reason", "the wrong folder")
        for zone in self.reached():
            self.assertEqual(digest(self.export(zone)), self.tuesday, zone)
        self.ok("snapshot", "delete", "data@tuesday", *self.wait_unless_away())
        for zone in self.reached():
            self.wait(f"no copy in zone {zone}", lambda zone=zone: len(
                [one for one in (self.place(zone) / "snapshots").iterdir() if one.is_dir()]) == 1)
        self.expect_copies("monday", self.monday)

    def wait_unless_away(self):
        """A copy that cannot be reached is deleted when it answers."""
        return [] if self.away else ["--wait"]

    # --- size

    def sizes(self):
        self.ok("share", "extend", "data", "2", "--wait")
        self.assertEqual(self.share()["size_gb"], 2)
        # It need not be copied for what this is about.
        self.ok("replication", "suspend", "data", "--reason", "much that goes again")
        large = self.export("a") / "large"
        with open(large, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, GIB + (1 << 20))
        code = self.refused(FAILED, "share", "shrink", "data", "1", "--wait")
        self.assertEqual(code, "too_small")
        self.assertEqual(self.share()["status"], "shrinking_possible_data_loss_error")
        self.assertEqual(self.share()["size_gb"], 2)
        large.unlink()
        self.ok("share", "shrink", "data", "1", "--wait")
        self.assertEqual((self.share()["size_gb"], self.share()["status"]), (1, "available"))
        for zone in self.away:
            self.assertIn("size", self.replica(zone)["note"])
        self.not_replicated_while_suspended()

    def not_replicated_while_suspended(self):
        self.write("held back", "until replication goes on\n")
        before = self.replica("b")["generation"]
        self.ok("snapshot", "create", "data", "between")  # the freeze is not the sync
        self.wait("the snapshot to be taken", lambda: self.snapshot("between")["taken_at"])
        self.assertEqual(self.replica("b")["generation"], before)
        self.assertFalse((self.export("b") / "held back").exists())
        self.assertIn("much that goes again", self.ok("share", "show", "data"))
        self.ok("replication", "resume", "data")
        self.wait_all_in_sync()
        self.assertTrue((self.export("b") / "held back").exists())
        self.ok("snapshot", "delete", "data@between", *self.wait_unless_away())

    # --- access

    def door(self, zone):
        words = ["getfacl", "-cpE", self.place(zone)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        return done.stdout.split()

    def expect_access(self):
        """The member may read everywhere and write on the active replica; the stranger neither."""
        for zone in self.reached():
            export = self.export(zone)
            self.assertIn(f"user:{MEMBER}:--x", self.door(zone))
            self.assertIn("other::---", self.door(zone))
            self.assertTrue(as_user(MEMBER, "cat", export / "first"), zone)
            self.assertFalse(as_user(STRANGER, "cat", export / "first"), zone)
            is_active = zone == self.active_zone()
            self.assertEqual(as_user(MEMBER, "touch", export / f"by {MEMBER}"), is_active, zone)
            self.assertFalse(as_user(STRANGER, "touch", export / "by a stranger"), zone)

    def states_of(self, who):
        rule = self.ask("access", "show", "data", who)
        return {one["zone"]: (one["state"], one["level"]) for one in rule["replicas"]}

    def access(self):
        self.assertTrue(as_user(STRANGER, "cat", self.export("a") / "first"))  # no rule yet
        self.ok("access", "add", "data", "user", MEMBER, "--wait")
        self.expect_access()
        for zone, (state, level) in self.states_of(MEMBER).items():
            if zone in self.away:
                self.assertEqual(state, "queued_to_apply")
            else:
                self.assertEqual((state, level), ("active", "rw" if zone == "a" else "ro"), zone)
        for kind, to in (("ip", "10.0.0.0/8"), ("user", "nobody-of-that-name")):
            code = self.refused(FAILED, "access", "add", "data", kind, to, "--wait")
            self.assertEqual(code, "not_enforced")
            self.assertEqual(self.states_of(to)["a"][0], "error")
            self.ok("access", "remove", "data", to, *self.wait_unless_away())
        self.expect_access()

    # --- the active replica

    def change(self, zone, mode):
        """First the plan, which has to come true, then the change."""
        words = ["replica", "set-active", f"data@{zone}", "--mode", mode]
        end = self.pasigd.get("/pasig/v1/status")["log"]["records"]
        plan = self.ask(*words, "--dry-run")["plan"]
        self.assertTrue(plan["goes_through"], plan)
        self.assertTrue(plan["records"])
        since = self.pasigd.get(f"/pasig/v1/log?from={end}&limit=1000")["records"]
        self.assertNotIn("SetActiveReplica", [one["command"] for one in since])
        self.ok(*words, "--wait")
        self.assertEqual(self.active_zone(), zone)
        done = self.events("ActiveReplicaChanged")[-1]
        foretold = [event["data"] for record in plan["records"] for event in record["events"]
                    if event["type"] == "ActiveReplicaChanged"]
        self.assertEqual([one["replica"] for one in foretold], [done["replica"]])
        self.assertEqual(foretold[0]["effective_mode"], done["effective_mode"])

    def planned_change(self):
        self.change("b", "planned")
        self.wait_all_in_sync()
        self.wait("the access rules to follow", lambda: not self.share()["operations"])
        self.expect_access()
        self.expect_copies("monday", self.monday)
        self.change("a", "auto")
        self.wait_all_in_sync()
        self.wait("the access rules to follow", lambda: not self.share()["operations"])
        self.expect_access()

    def forced_change_and_what_is_kept_aside(self):
        """Zone a is cut off together with its clients."""
        export = self.export("a").relative_to(self.root("a"))
        self.take_away("a")
        code = self.refused(FAILED, "replica", "set-active", "data@b", "--mode", "planned",
                            "--dry-run")
        self.assertEqual(code, "would_fail")
        self.change("b", "forced")
        (self.gone("a") / export / "late").write_text("written by nobody knows whom\n")
        self.write("meanwhile", "in zone b\n")
        self.bring_back("a")
        self.wait_event("DivergedDataKeptAside")
        self.wait_all_in_sync()
        self.expect_access()
        # The live tree, and a generation that had not been copied yet, if there was one.
        asides = self.ask("replica", "aside", "list", "data")["aside"]
        [late] = [one for one in asides if holds(one["path"], "written by nobody")]
        self.restore(late)
        for one in asides:
            self.ok("replica", "aside", "delete", *self.where(one), "--reason", "compared",
                    "--wait")
            self.assertFalse(os.path.lexists(one["path"]))
        self.assertEqual(self.ask("replica", "aside", "list", "data")["aside"], [])
        self.change("a", "planned")
        self.wait_all_in_sync()

    @staticmethod
    def where(kept):
        return ["data", kept["controller"], kept["path"]]

    def restore(self, kept):
        self.assertEqual(self.refused(REFUSED, "replica", "aside", "delete", *self.where(kept)),
                         "reason_missing")
        to = self.root("a") / "restored"
        words = ["replica", "aside", "restore-to", *self.where(kept), str(to), "--reason",
                 "the last hour", "--wait"]
        self.ok(*words)
        self.assertEqual(digest(to), digest(kept["path"]))
        self.refused(FAILED, *words)  # nothing is written over

    # --- directories that exist already

    def adoption(self):
        old = self.root("b") / "old"
        for name in ("projects", "projects.monday"):
            (old / name / "folder").mkdir(parents=True)
            (old / name / "folder" / "file").write_text(f"of {name}\n")
        before = {name: digest(old / name) for name in ("projects", "projects.monday")}
        [pool] = [one["host"] for one in self.ask("pool", "list")["pools"] if one["zone"] == "b"]
        manage = ["manage", str(old / "projects"), "--host", pool, "--type", "gold", "--wait"]
        share = self.ask(*manage, "--name", "projects")["share"]
        self.assertEqual(share["managed_path"], str(old / "projects"))
        self.assertEqual(digest(share["exports"][0]), before["projects"])
        self.assertEqual((old / "projects" / "folder" / "file").read_text(), "of projects\n")
        self.ok("snapshot", "manage", "projects", str(old / "projects.monday"), "--name", "monday",
                "--wait")
        snapshot = self.ask("snapshot", "show", "projects@monday")["id"]
        self.assertEqual(self.refused(REFUSED, "unmanage", "projects"), "share_has_snapshots")
        self.ok("snapshot", "unmanage", "projects@monday", "--wait")
        given_back = self.root("b") / "unmanaged" / snapshot
        self.assertIn(str(given_back), self.ok("history", "projects", "--limit", "1000"))
        self.assertEqual(digest(given_back), before["projects.monday"])
        self.ok("unmanage", "projects", "--wait", "--reason", "back to the old server")
        self.assertFalse((old / "projects").is_symlink())
        self.assertEqual(digest(old / "projects"), before["projects"])
        self.assertNotEqual(self.pasig(*manage[:1], str(old / "nothing"), *manage[2:], "--name",
                                       "nothing")[0], 0)
        self.ok("unmanage", "nothing", "--wait")

    # --- damage

    def damage(self):
        good = digest(self.export("b"))
        flip_byte(self.export("b").resolve() / "long")
        self.assertNotEqual(digest(self.export("b")), good)
        self.ok("replica", "verify", "data@b", "--wait", "--reason", "the disk was loud")
        self.assertEqual(digest(self.export("b")), good)
        self.assertIn("repaired", self.why("b"))
        self.assertFalse(as_user(MEMBER, "touch", self.export("b") / "long"), "it is sealed again")
        latest = self.place("a") / "frozen" / str(self.replica("a")["generation"])
        flip_byte(latest / "long")
        damaged = digest(latest)
        self.assertEqual(self.refused(FAILED, "replica", "verify", "data@a", "--wait"), "damaged")
        self.assertEqual(digest(latest), damaged, "the active replica is never overwritten")
        self.assertEqual(digest(self.export("b")), good)
        seen = self.replica("a")
        self.assertGreater(seen["damaged"], 0)
        self.assertIn(self.replica("b")["id"], seen["good_copies"])
        self.assertIn(self.replica("b")["id"], self.why("a"))
        self.assertIn("damaged", self.ok("replica", "list", "data"))
        self.write("new", "so that there is another generation\n")

    # --- ways out

    def pauses(self):
        self.ok("pause", "--share", "data", "--reason", "somebody looks at its files")
        self.assertIn("somebody looks", self.ok("status"))
        self.refused(STILL_WAITING, "snapshot", "create", "data", "paused", "--wait", "--timeout",
                     "1")
        [waiting] = self.ask("operation", "list", "--pending", "--share", "data")["operations"]
        self.assertIn("somebody looks", waiting["waits_because"])
        code = self.refused(REFUSED, "replica", "set-active", "data@b", "--dry-run")
        self.assertEqual(code, "effects_paused")
        self.ok("operation", "abandon", waiting["id"], "--reason", "not now", "--wait")
        self.assertEqual(self.snapshot("paused")["status"], "error")
        self.ok("resume", "--share", "data")
        self.assertNotIn("somebody looks", self.ok("status"))
        self.ok("snapshot", "delete", "data@paused", *self.wait_unless_away())

    def controllers(self):
        """Zone c is emptied, burns down, and was not burnt after all."""
        self.ok("controller", "drain", "in-c", "--reason", "to be replaced")
        self.ok("replica", "remove", "data@c", "--wait")
        self.assertEqual(list(self.root("c").glob("shares/*/*/live")), [])
        self.assertEqual(self.refused(FAILED, "replica", "add", "data", "--zone", "c", "--wait"),
                         "error")
        nowhere = next(one for one in self.share()["replicas"] if not one["zone"])
        self.ok("replica", "remove", nowhere["id"], "--wait")
        self.ok("controller", "undrain", "in-c")
        self.ok("replica", "add", "data", "--zone", "c", "--wait")
        self.ok("controller", "retire", "in-c", "--reason", "the building burnt down")
        self.wait_state("c", "error", "lost")
        place = self.place("c")
        self.ok("replica", "remove", "data@c", "--wait")
        self.assertTrue(place.exists(), "nobody touches a retired controller")
        [left] = self.ask("debris", "list", "--controller", "in-c")["debris"]
        self.assertEqual(left["share"]["name"], "data")
        self.ok("controller", "reinstate", "in-c")
        self.wait("the debris to be cleaned", lambda: not self.ask("debris", "list")["debris"])
        self.assertFalse((place / "frozen").exists())
        self.ok("replica", "add", "data", "--zone", "c", "--wait")
        self.expect_copies("monday", self.monday)
