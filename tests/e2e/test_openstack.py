"""OpenStack's own client, unmodified, on a real pasigd with two zones: the verbs that act on shares
with replicas, as docs/openstack.md has them, and what they did to the files.

The client is the one that PASIG_OPENSTACK names, or the one on the PATH; without either, it is
installed once below the build tree.
"""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import unittest

from faults import AS_ROOT, digest
from service import BIN, ServiceTest, free_port

RELEASES = ("python-openstackclient==10.5.0", "python-manilaclient==6.3.0")
SPECS = ("replication_type=readable", "pasig:sync_interval_seconds=1")
SUPPORTS = ("--snapshot-support", "--create-share-from-snapshot-support",
            "--revert-to-snapshot-support")


def client():
    """The program."""
    found = os.environ.get("PASIG_OPENSTACK") or shutil.which("openstack")
    if found:
        return found
    home = BIN / "openstack-client"
    if not (home / "whole").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "-q", *RELEASES], check=True)
        (home / "whole").touch()
    return home / "bin" / "openstack"


class OpenStack(ServiceTest):
    def setUp(self):
        self.program = client()
        port = free_port()
        self.pasigd = self.service(sections={"api": {"listen": [f"127.0.0.1:{port}"]}})
        self.pasigd.start()
        self.environment = {**os.environ, "OS_AUTH_TYPE": "none",
                            "OS_ENDPOINT": f"http://127.0.0.1:{port}/v2"}

    def run_client(self, *words):
        done = subprocess.run([self.program, *map(str, words)], env=self.environment, text=True,
                              capture_output=True, timeout=90, check=False)
        return done.returncode, done.stdout, done.stderr

    def say(self, *words):
        """`openstack share …`; its output."""
        code, out, err = self.run_client("share", *words)
        said = f"openstack share {' '.join(map(str, words))}: {out}{err}\n"
        self.assertEqual(code, 0, said + self.pasigd.log_tail())
        return out

    def ask(self, *words):
        return json.loads(self.say(*words, "-f", "json"))

    def wait(self, what, question):
        return self.pasigd.wait_until(what, question)

    def wait_available(self, share):
        def is_so():
            now = self.pasigd.get(f"/pasig/v1/shares/{share}")
            return now["status"] == "available" and not now["operations"]

        self.wait(f"share {share} available", is_so)

    def export(self, share, zone="zone-a"):
        replica = next(one for one in self.pasigd.replicas(share) if one["zone"] == zone)
        return pathlib.Path(replica["exports"][0])

    def wait_equal(self, content):
        def is_so():
            try:
                return digest(self.export("data", "zone-b")) == content
            except (IndexError, OSError):  # not yet exported, or replaced under our eyes
                return False

        self.wait("the copy in zone-b", is_so)

    # --- steps

    def share_with_a_replica(self):
        supports = [word for one in SUPPORTS for word in (one, "True")]
        self.say("type", "create", "gold", "false", "--extra-specs", *SPECS, *supports)
        self.say("create", "NFS", 1, "--name", "data", "--share-type", "gold",
                 "--availability-zone", "zone-a")
        self.wait_available("data")
        (self.export("data") / "file").write_text("of monday\n")
        self.say("replica", "create", "data", "--availability-zone", "zone-b")
        self.monday = digest(self.export("data"))
        self.wait_equal(self.monday)

    def snapshots(self):
        self.say("snapshot", "create", "data", "--name", "monday")
        self.wait("the snapshot", lambda: self.pasigd.get("/pasig/v1/snapshots/data@monday")[
            "status"] == "available")
        [listed] = self.ask("snapshot", "list", "--share", "data")
        shown = self.ask("snapshot", "show", "monday")
        self.assertEqual((listed["Name"], shown["id"]), ("monday", listed["ID"]))
        self.assertEqual((shown["status"], shown["size"]), ("available", 1))
        copies = list(self.pasigd.top.glob(f"zone-*/shares/*/*/snapshots/{shown['id']}/tree"))
        self.assertEqual([digest(one) for one in copies], [self.monday] * 2)
        instances = self.ask("snapshot", "instance", "list", "--snapshot", shown["id"])
        self.assertEqual([one["Status"] for one in instances], ["available"] * 2)
        self.say("create", "NFS", 1, "--name", "copy", "--snapshot-id", "monday")
        self.wait_available("copy")
        copy = self.pasigd.get("/pasig/v1/shares/copy")
        self.assertEqual(digest(copy["exports"][0]), self.monday)
        (self.export("data") / "file").write_text("of tuesday\n")
        self.say("revert", "monday")
        self.wait_available("data")
        self.assertEqual(digest(self.export("data")), self.monday)
        self.wait_equal(self.monday)
        self.say("snapshot", "delete", "monday", "--wait")
        self.assertEqual(self.ask("snapshot", "list"), [])
        self.assertFalse(any(one.exists() for one in copies))

    def sizes(self):
        for size in (2, 1):
            self.say("resize", "data", size)
            self.wait_available("data")
            self.assertEqual(self.ask("show", "data")["size"], size)

    def access(self):
        who = pwd.getpwuid(65534)
        rule = self.ask("access", "create", "data", "user", who.pw_name)["id"]
        self.wait_available("data")
        [listed] = self.ask("access", "list", "data")
        shown = self.ask("access", "show", rule)
        self.assertEqual((listed["ID"], shown["id"]), (rule, rule))
        self.assertEqual((shown["access_to"], shown["access_level"]), (who.pw_name, "rw"))
        self.assertEqual(shown["state"], "active")
        self.assertTrue(self.may_read(who.pw_uid))
        self.assertEqual(self.may_read(1), not AS_ROOT)  # nobody else, but pasigd's own user
        self.say("access", "delete", "data", rule)
        self.wait_available("data")
        self.assertEqual(self.ask("access", "list", "data"), [])
        self.assertEqual(self.may_read(who.pw_uid), not AS_ROOT)
        refused, _, words = self.run_client("share", "access", "create", "data", "user", "x")
        self.assertNotEqual(refused, 0)
        self.assertIn("Invalid user or group name", words)

    def may_read(self, uid):
        rights = {"user": uid, "group": uid, "extra_groups": []} if AS_ROOT else {}
        return subprocess.run(["cat", self.export("data") / "file"], check=False, cwd="/",
                              capture_output=True, **rights).returncode == 0

    def promotion(self):
        second = next(one for one in self.ask("replica", "list", "--share", "data")
                      if one["Availability Zone"] == "zone-b")
        self.say("replica", "promote", second["ID"])
        self.wait_available("data")
        self.assertEqual(self.ask("replica", "show", second["ID"])["replica_state"], "active")

    def adoption(self):
        old = self.pasigd.roots["zone-a"] / "projects"
        old.mkdir()
        (old / "plan").write_text("a plan\n")
        content = digest(old)
        pool = next(one["Name"] for one in self.ask("pool", "list") if "zone-a" in one["Name"])
        self.say("adopt", pool, "NFS", old, "--name", "projects", "--share-type", "gold")
        self.wait_available("projects")
        self.assertEqual(digest(self.export("projects")), content)
        self.assertTrue(old.is_symlink())
        self.say("abandon", "projects", "--wait")
        self.assertFalse(old.is_symlink())
        self.assertEqual(digest(old), content)
        self.assertNotIn("projects", [one["Name"] for one in self.ask("list")])

    def test_every_verb(self):
        for step in (self.share_with_a_replica, self.snapshots, self.sizes, self.access,
                     self.promotion, self.adoption):
            step()
        self.assertIn("equal: ", self.pasigd.verify())


if __name__ == "__main__":
    unittest.main()
