"""The quick start's scripts, as a newcomer runs them: up twice on one directory, down, and what is
said when something is in the way or was left half done.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from service import BIN, PASIG, PASIGD, ServiceTest, free_port, remove_tree, wait_until

SCRIPTS = pathlib.Path(__file__).parents[2] / "examples" / "quickstart"


class Tour(ServiceTest):
    """In a home of its own, with the binaries that are tested."""

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="pasig-tour-"))
        self.home = self.top / "home"
        self.port = free_port()
        self.addCleanup(self.remove)

    def remove(self):
        if pid := self.pid():
            os.kill(pid, signal.SIGKILL)
            wait_until("pasigd to be gone", lambda: not self.pid())
        remove_tree(self.top)

    def run_script(self, name, *words):
        done = subprocess.run(
            [SCRIPTS / name, *words], text=True, timeout=200, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PASIG_BIN": str(BIN), "PASIG_QUICKSTART": str(self.home),
                 "PASIG_QUICKSTART_PORT": str(self.port)})
        return done.returncode, done.stdout

    def up(self):
        code, words = self.run_script("up.sh")
        self.assertEqual(code, 0, words + self.log())
        return words

    def down(self, *words):
        code, said = self.run_script("down.sh", *words)
        self.assertEqual(code, 0, said + self.log())
        return said

    def log(self):
        log = self.home / "pasigd.log"
        return "\n--- pasigd.log\n" + (log.read_text()[-4000:] if log.exists() else "")

    def pid(self):
        """Of the pasigd of this home, as the system knows it; or nothing."""
        for one in pathlib.Path("/proc").iterdir():
            try:
                words = (one / "cmdline").read_bytes().split(b"\0") if one.name.isdigit() else []
            except OSError:
                continue
            if words[:3] == [bytes(PASIGD), b"--config", bytes(self.home / "pasig.toml")]:
                return int(one.name)
        return None

    def ask(self, *words):
        done = subprocess.run([PASIG, "--socket", self.home / "run" / "pasig.sock", *words, "-o",
                               "json"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, f"pasig {' '.join(words)}: {done.stderr}{self.log()}")
        return json.loads(done.stdout)

    def check_tour(self, words, share):
        plain = re.sub(r"\x1b\[[0-9;]*m", "", words)
        self.assertEqual(re.findall(r"^(\d+)\. ", plain, re.MULTILINE), list("123456789"), words)
        digests = re.findall(r"^ +zone-[ab] ([0-9a-f]{16})$", plain, re.MULTILINE)
        self.assertEqual(len(digests), 4, words)
        self.assertEqual((digests[0], digests[2]), (digests[1], digests[3]), words)
        self.assertNotEqual(digests[0], digests[2], "what was written after the change counts")
        self.assertEqual(plain.count("     equal\n"), 2, words)
        for fact in (f"pasig share create {share} ", "in_sync", "SetActiveReplica  accepted",
                     "reason: tour: fail over", "   $ pasig why ", "The service goes on"):
            self.assertIn(fact, plain)
        if os.geteuid() == 0:
            self.assertIn("old: refused: Operation not permitted", plain)

    # --- what goes well

    def test_up_twice_then_down_then_purge(self):
        self.check_tour(self.up(), "demo-1")
        pid = self.pid()
        again = self.up()
        self.check_tour(again, "demo-2")
        self.assertIn(f"pasigd runs already (pid {pid})", again)
        self.assertIn("type gold is there already", again)
        self.assertEqual({one["name"] for one in self.ask("share", "list")["shares"]},
                         {"demo-1", "demo-2"})
        self.assertIn(f"pasigd (pid {pid}) is stopped; its data stays in {self.home}", self.down())
        self.assertIsNone(self.pid())
        self.assertTrue((self.home / "data").is_dir())
        said = self.down("--purge")
        self.assertIn("pasigd is not running", said)
        self.assertIn(f"removing {self.home}", said)
        self.assertFalse(self.home.exists())

    def test_up_goes_on_after_a_kill_and_with_its_files_gone(self):
        self.up()
        os.kill(self.pid(), signal.SIGKILL)
        wait_until("pasigd to be gone", lambda: not self.pid())
        shutil.rmtree(self.home / "data" / "state")
        self.check_tour(self.up(), "demo-2")
        pid = self.pid()
        (self.home / "pasig.toml").unlink()
        self.assertIn(f"pasigd runs already (pid {pid})", self.up())
        self.assertIn(f"pasigd (pid {pid}) is stopped", self.down("--purge"))
        self.assertFalse(self.home.exists())

    def test_data_kept_aside_is_not_purged_without_being_told(self):
        self.up()
        self.ask("type", "create", "seldom", "--replication", "readable", "--rpo", "86400",
                 "--sync-interval", "3600")
        self.ask("share", "create", "work", "--type", "seldom", "--size", "1", "--zone", "zone-a",
                 "--wait")
        self.ask("replica", "add", "work", "--zone", "zone-b", "--wait")
        export = pathlib.Path(self.ask("share", "show", "work")["exports"][0])
        (export / "late.txt").write_text("written before the forced change")
        self.ask("replica", "set-active", "work@zone-b", "--mode", "forced", "--wait")
        wait_until("the late write to be kept aside", self.kept_aside)
        [late] = [one for top in self.kept_aside() for one in top.rglob("late.txt")]
        code, said = self.run_script("down.sh", "--purge")
        self.assertEqual(code, 1, said)
        self.assertIn("kept aside and is nowhere else", said)
        self.assertIn(str(late.parent), said)
        self.assertEqual(late.read_text(), "written before the forced change")
        self.assertIn("data kept aside", self.down("--purge", "--with-aside"))
        self.assertFalse(self.home.exists())

    def kept_aside(self):
        return [one for one in self.home.glob("controllers/*/shares/*/*/aside/*")
                if any(one.rglob("late.txt"))]

    # --- what is in the way

    def test_a_busy_port_is_named(self):
        with socket.create_server(("127.0.0.1", self.port)):
            code, words = self.run_script("up.sh")
        self.assertEqual(code, 1, words)
        self.assertIn(f"cannot listen on 127.0.0.1:{self.port}: another process listens", words)
        self.assertIn(f"its log is {self.home}/pasigd.log", words)
        self.assertIsNone(self.pid())
        self.up()

    def test_a_long_path_is_named(self):
        self.home = self.top / ("long" * 30)
        code, words = self.run_script("up.sh")
        self.assertEqual(code, 1, words)
        self.assertIn("too long for a unix socket", words)

    def test_a_missing_program_is_named(self):
        code = subprocess.run([SCRIPTS / "up.sh"], text=True, check=False, capture_output=True,
                              env={**os.environ, "PASIG_BIN": str(self.top),
                                   "PASIG_QUICKSTART": str(self.home)})
        self.assertEqual(code.returncode, 1, code)
        self.assertIn(f"there is no {self.top}/daemon/pasigd: build it by ./dev build release",
                      code.stderr)

    def test_down_without_anything_says_so(self):
        self.assertEqual(self.down(), "pasigd is not running\n")
        self.assertEqual(self.down("--purge"), "pasigd is not running\n")
        code, said = self.run_script("down.sh", "--pruge")
        self.assertEqual(code, 2, said)
        self.assertIn("no option --pruge", said)
