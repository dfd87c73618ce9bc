"""docs/array-lost.md, run: each command of the page, as it is printed there, against a real pasigd
with three directory controllers of which one loses its root. A command that does not end with 0, or
does not print what the page shows, fails; so the page and the product cannot part."""

import json
import os
import pathlib
import re
import shlex
import unittest

from service import ServiceTest

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "array-lost.md"
REFUSED = 4  # pasig's exit code
TYPE = ("type", "create", "gold", "--replication", "readable", "--rpo", 600, "--sync-interval", 1)


def boxes(text):
    """The page's commands in their order, each with the lines that it is to print."""
    found = []
    for box in re.findall(r"^```\n(.*?)^```$", text, re.S | re.M):
        command, *printed = box.splitlines()
        assert command.startswith("$ pasig "), f"a box without a command: {command}"
        found.append((command.removeprefix("$ pasig "), printed))
    return found


def shows(printed, line):
    """Whether one line of the output, or a run of them, has the pieces of the page's line in their
    order; … stands for anything, and so does the space between words."""
    pieces = [re.escape(one).replace(r"\ ", r"\s+") for one in re.split(r"\s*…\s*", line) if one]
    return re.search(r"[^\n]*?".join(pieces), printed) is not None


def looked_at(top):
    """Everything below a directory, with what changes when it is touched."""
    seen = {}
    for folder, names, files in os.walk(top):
        for name in [".", *names, *files]:
            at = os.path.join(folder, name)
            status = os.lstat(at)
            seen[at] = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return seen


class ArrayLost(ServiceTest):
    def setUp(self):
        self.one = self.service(zones=("zone-a", "zone-b", "zone-c"))
        self.one.start()
        self.one.ask(*TYPE)

    def replicated(self, name, *zones):
        self.one.ask("share", "create", name, "--type", "gold", "--zone", zones[0], "--wait")
        for zone in zones[1:]:
            self.one.ask("replica", "add", name, "--zone", zone, "--wait")

    def replica(self, name, zone):
        return next(one for one in self.one.replicas(name) if one["zone"] == zone)

    def write(self, name, zone, text):
        live = pathlib.Path(self.replica(name, zone)["exports"][0].split(":")[-1])
        (live / "file").write_text(text)

    def lose_zone_a(self):
        """While zone-c is away for a moment: so zone-b has the newest copy, as on the page."""
        lost, late = self.one.roots["zone-a"], self.one.roots["zone-c"]
        late.rename(late.with_name("late"))
        self.one.wait_until("zone-c to be missed",
                            lambda: not self.replica("docs", "zone-c")["reachable"])
        self.one.wait_until("zone-b to be ahead", lambda: self.replica("docs", "zone-b")[
            "data_as_of"] > self.replica("docs", "zone-c")["data_as_of"])
        lost.rename(lost.with_name("gone"))
        late.with_name("late").rename(late)
        self.one.wait_until("zone-c to be back", lambda: self.replica("docs", "zone-c")[
            "reachable"] and self.replica("docs", "zone-c")["status"] == "available")

    def test_page_runs(self):
        self.replicated("docs", "zone-a", "zone-b", "zone-c")
        self.replicated("mail", "zone-b", "zone-a")
        lost = self.replica("docs", "zone-a")["id"]
        self.lose_zone_a()
        self.one.wait_until("the loss to be seen",
                            lambda: self.replica("docs", "zone-a")["status"] == "error")
        self.one.wait_until("the controller to be down", lambda: not self.one.get(
            "/pasig/v1/controllers/in-zone-a")["up"])
        commands = boxes(PAGE.read_text())
        self.assertGreater(len(commands), 15)
        for command, lines in commands:
            with self.subTest(command=command):
                words = shlex.split(command.replace("$LOST", lost))
                code, out, err = self.one.cli(*words, seconds=300)
                self.assertEqual(code, 0, f"{command}: {err}\n{self.one.log_tail()}")
                for line in lines:
                    self.assertTrue(shows(out + err, line),
                                    f"{command}: the page shows\n{line}\n"
                                    f"but it printed\n{out}{err}")
        self.one.verify()

    def test_dry_run_touches_nothing(self):
        self.replicated("docs", "zone-a", "zone-b")
        self.write("docs", "zone-a", "the last word")
        # Nothing else may write meanwhile: no sync, no status call.
        self.one.ask("pause", "--all", "--reason", "a quiet moment")
        self.one.wait_until("the last work to end", lambda: not self.one.operations(pending=True))
        before = self.quiet()
        for mode in ("planned", "auto", "forced"):
            code, out, err = self.one.cli("replica", "set-active", "docs@zone-b", "--mode", mode,
                                          "--dry-run", "--command-id", f"plan-{mode}", "-o", "json")
            self.assertEqual(code, REFUSED, out + err)
            plan = json.loads(out)["plan"]
            self.assertEqual([one["code"] for one in plan["refusals"]], ["effects_paused"])
        self.assertEqual(self.quiet(), before)

    def quiet(self):
        """Storage and the log's end, at a moment when two looks at them are alike."""
        def look():
            seen = {}
            for root in self.one.roots.values():
                seen.update(looked_at(root))
            return self.one.get("/pasig/v1/status")["log"]["records"], seen

        def settled():
            first, second = look(), look()
            return first if first == second else None

        return self.one.wait_until("storage to stand still", settled)

    def test_plan_comes_true(self):
        self.replicated("docs", "zone-a", "zone-b")
        for mode, zone in (("planned", "zone-b"), ("auto", "zone-a"), ("forced", "zone-b")):
            with self.subTest(mode=mode):
                self.one.wait_until("both to be well", lambda: all(
                    one["state"] in ("active", "in_sync") and one["status"] == "available"
                    for one in self.one.replicas("docs")))
                words = ("replica", "set-active", f"docs@{zone}", "--mode", mode,
                         "--command-id", f"change-{mode}")
                answer = self.one.ask(*words, "--dry-run")
                plan = answer["plan"]
                self.assertTrue(plan["goes_through"], plan["refusals"])
                start = self.one.get("/pasig/v1/status")["log"]["records"]
                self.one.ask(*words, "--wait")
                came = [record for record in self.one.history("docs")
                        if record["ordinal"] >= start and record["outcome"] == "accepted"
                        and record["command"] in ("SetActiveReplica", "ClaimOperation",
                                                  "ReportActiveReplicaChanged")]
                foretold = self.events(plan["records"], plan["not_foretold"])
                self.assertEqual(self.events(came, plan["not_foretold"]), foretold)

    @staticmethod
    def events(records, without):
        return [(event["type"], {name: value for name, value in event["data"].items()
                                 if name not in without})
                for record in records for event in record["events"]]


if __name__ == "__main__":
    unittest.main()
