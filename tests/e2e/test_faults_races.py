"""Two at once, and reports that no longer fit: promotes of two replicas, a promote against the
removal of the same replica, one command id from two clients, and an administrator's reset in the
midst of an operation. One wins, the other gets a clear answer, and the log and storage agree in the
end.
"""

import time
import unittest

from faults import Story, digest, holds, run_at_once, together
from service import seeded

load_tests = run_at_once

DONE, FAILED, NOT_FOUND, REFUSED = 0, 1, 3, 4  # exit codes of pasig


class TwoPromotes(Story):
    zones = "abc"
    rounds = 6

    def test_end_with_one_active_and_an_epoch_for_each_that_won(self):
        self.make_share()
        winners = []
        for number in range(self.rounds):
            for zone in set(self.zones) - {self.active_zone()}:
                self.wait_in_sync(zone)
            epoch = self.share()["epoch"]
            wanted = sorted(set(self.zones) - {self.active_zone()})
            said = together(*(lambda zone=zone: self.promote(zone) for zone in wanted))
            answers = dict(zip(wanted, said))
            won = [zone for zone, (code, _) in answers.items() if code == DONE]
            self.assertTrue(won, answers)
            self.assertEqual(self.share()["epoch"], epoch + len(won), answers)
            self.assertIn(self.active_zone(), won)
            for zone in set(wanted) - set(won):
                code, said = answers[zone]
                self.assertEqual(code, REFUSED, said)
                self.assertRegex(said, r"is busy: operation \S+ \(set_active_replica of replica")
                self.assertIn("[share_is_busy]", said)
            self.write(f"round{number}", f"round {number}\n")
            winners.append(won)
        print(f"two promotes: won in each round: {winners}")
        changes = self.events("ActiveReplicaChanged")
        self.assertEqual([one["epoch"] for one in changes], list(range(2, 2 + len(changes))))
        self.assertEqual(self.events("DivergedDataKeptAside"), [])
        for number in range(self.rounds):
            self.assertTrue(holds(self.export(self.active_zone()), f"round {number}\n"))
        self.end()

    def promote(self, zone):
        return self.pasig("replica", "set-active", f"data@{zone}", "--mode", "planned", "--wait")


class PromoteAgainstRemove(Story):
    rounds = 20
    modes = ("planned", "auto", "forced")

    def test_one_of_them_wins(self):
        random = seeded("promote against remove")
        self.make_share()
        data = digest(self.export("a"))
        outcomes = {"promoted": 0, "removed": 0}
        for number in range(self.rounds):
            self.wait_in_sync("b")
            mode = self.modes[number % len(self.modes)]
            pauses = [random.uniform(0, 0.03), 0]
            if number % 2:
                pauses.reverse()
            replica = self.replica("b")["id"]
            promote, remove = together(
                lambda: self.after(pauses[0], "set-active", replica, "--mode", mode),
                lambda: self.after(pauses[1], "remove", replica),
            )
            both = f"round {number}, {mode}, {pauses}: {promote} {remove}"
            if promote[0] == DONE:
                outcomes["promoted"] += 1
                self.assertEqual(remove[0], REFUSED, both)
                self.assertRegex(remove[1], "cannot be removed before|Cannot delete last active")
                self.assertEqual(self.active_zone(), "b", both)
                self.wait_in_sync("a")
                self.ok("replica", "set-active", "data@a", "--mode", "planned", "--wait")
                self.wait_in_sync("b")
                self.ok("replica", "remove", "data@b", "--wait")
            else:
                outcomes["removed"] += 1
                self.assertEqual(remove[0], DONE, both)
                self.assertIn(promote[0], (FAILED, NOT_FOUND, REFUSED), both)
                self.assertIn(replica, promote[1], both)
            self.assertEqual(self.active_zone(), "a", both)
            self.assertEqual(len(self.share()["replicas"]), 1, both)
            self.assertEqual(digest(self.export("a")), data, both)
            self.assertEqual(list(self.root("b").glob("shares/*/*")), [], both)
            self.ok("replica", "add", "data", "--zone", "b", "--wait")
        print(f"promote against remove: {outcomes}")
        self.end()

    def after(self, seconds, verb, *words):
        time.sleep(seconds)  # who comes first is the race; nothing is waited for
        return self.pasig("replica", verb, *words, "--wait")


class SameCommandId(Story):
    def test_from_two_clients_at_once_is_one_effect_and_one_answer(self):
        self.make_share()
        for number in range(8):
            body = {"name": f"share{number}", "type": "gold", "size_gb": 1, "zone": "a"}
            first, second = self.twice("/pasig/v1/shares", body, f"create-{number}")
            self.same_answer(first, second)
            self.assertEqual(first["share"]["id"], second["share"]["id"])
        self.assertEqual(len(self.pasigd.shares()), 9)
        for number in range(3):
            path = f"/pasig/v1/replicas/{self.replica('ba'[number % 2])['id']}/set-active"
            self.same_answer(*self.twice(path, {"mode": "planned"}, f"promote-{number}"))
            self.wait("the change", lambda: not self.share()["operations"])
            self.assertEqual(self.share()["epoch"], number + 2)
            self.wait_in_sync("ab"[number % 2])
        body = {"name": "another", "type": "gold", "size_gb": 1, "zone": "a"}
        status, said = self.pasigd.api("POST", "/pasig/v1/shares", body, key="create-0")
        self.assertEqual(status, 422, said)
        self.pasigd.kill9()
        self.pasigd.start()
        body = {"name": "share0", "type": "gold", "size_gb": 1, "zone": "a"}
        status, again = self.pasigd.api("POST", "/pasig/v1/shares", body, key="create-0")
        self.assertEqual((status, again["repeated"]), (202, True), again)
        self.assertEqual(len(self.pasigd.shares()), 9)
        self.end()

    def twice(self, path, body, key):
        def act():
            status, answer = self.pasigd.api("POST", path, body, key=key)
            self.assertEqual(status, 202, answer)
            return answer

        return together(act, act)

    def same_answer(self, first, second):
        self.assertEqual({first["repeated"], second["repeated"]}, {False, True})
        for member in ("command_id", "ordinal", "operation"):
            self.assertEqual(first[member], second[member])
        self.assertIsNotNone(first["ordinal"])


class ResetInTheMidst(Story):
    """The driver's call goes on, and its report meets a state that it does not fit."""

    sync_interval = 3600  # rsync runs in what the test asks for only
    rpo = 7200

    def hold_rsync(self):
        """Each call stays until it is let go. The file says that one came."""
        rsync = self.pasigd.rsyncs["b"]
        rsync.behave(
            ': > "$here/came"; while [ ! -e "$here/go" ]; do sleep 0.05; done; ' + rsync.HONEST
        )
        return rsync.behaviour.parent

    def begin(self, held, *words):
        """The operation, of which the copy has begun."""
        answer = self.pasigd.ask(*words)
        self.wait("rsync to be called", (held / "came").exists)
        return answer["operation"]

    def let_go(self, held):
        (held / "go").touch()

    def operation(self, which):
        return self.pasigd.ask("operation", "show", which)

    def test_of_a_change_is_recorded_and_the_log_follows_storage(self):
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.write("newest", "newest\n")
        held = self.hold_rsync()
        operation = self.begin(held, "replica", "set-active", "data@b", "--mode", "planned")
        self.ok("replica", "reset-status", "data@b", "error", "--reason", "looks stuck")
        self.let_go(held)
        self.wait("the operation to end", lambda: self.operation(operation)["status"] != "running")
        [contradiction] = self.events("ReportContradictedState")
        self.assertEqual(contradiction["operation"], operation)
        self.assertEqual(contradiction["replica"], self.replica("b")["id"])
        self.assertIn("its status is error", contradiction["state"])
        self.assertIn("its status is error", self.why("b"))
        self.assertIn("looks stuck", self.why("b"))
        # Storage went past the point of no return: clients write to b, so the log has it active.
        self.assertEqual(self.operation(operation)["status"], "done")
        self.assertEqual((self.share()["epoch"], self.active_zone()), (2, "b"))
        self.assertEqual(self.replica("b")["status"], "available")
        self.assertTrue(holds(self.export("b"), "newest\n"))
        self.write("after", "after\n")
        self.end()

    def test_by_a_cancellation_changes_nothing(self):
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.write("newest", "newest\n")
        copy = digest(self.export("b"))
        held = self.hold_rsync()
        operation = self.begin(held, "replica", "set-active", "data@b", "--mode", "planned")
        self.ok("operation", "cancel", operation, "--wait")
        self.assertEqual(self.operation(operation)["status"], "cancelled")
        self.assertEqual((self.share()["epoch"], self.active_zone()), (1, "a"))
        self.write("after", "after\n")
        self.assertEqual(digest(self.export("b")), copy)
        self.let_go(held)
        self.ok("replica", "set-active", "data@b", "--mode", "planned", "--wait")
        self.assertTrue(holds(self.export("b"), "after\n"))
        self.end()

    def test_of_the_state_does_not_make_a_second_active(self):
        self.make_share()
        self.wait("the first copy", lambda: self.replica("b")["state"] == "in_sync")
        self.write("newest", "newest\n")
        held = self.hold_rsync()
        operation = self.begin(held, "replica", "set-active", "data@b", "--mode", "planned")
        code, said = self.pasig("replica", "reset-state", "data@b", "active")
        self.assertEqual(code, REFUSED, said)
        self.assertIn("would_make_second_active", said)
        self.ok("replica", "reset-state", "data@b", "error")
        self.let_go(held)
        self.wait("the operation to end", lambda: self.operation(operation)["status"] != "running")
        # A replica in error may be promoted by an administrator, who asked for this one.
        self.assertEqual(self.operation(operation)["status"], "done")
        self.assertEqual((self.share()["epoch"], self.active_zone()), (2, "b"))
        self.end()


if __name__ == "__main__":
    unittest.main()
