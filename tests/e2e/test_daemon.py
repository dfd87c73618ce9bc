"""pasigd as its administrator meets it: started, stopped, killed and started again, twice at once,
with its state gone; and what a client finds who asks the same thing again afterwards.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import uuid

from service import PASIGD, ServiceTest, Unreachable, free_port, is_alive

FAILED = 1  # pasigd: could not start
WRONG_CONFIGURATION = 2
WRONG_WORDS = 2  # pasig: the command line, or a value in it
REFUSED = 4  # pasig: the state forbids it
UNREACHABLE = 5  # pasig: no pasigd, or it cannot act now


def lines_of(program, *words):
    """Code and output of a pasigd that is expected to end by itself."""
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60,
                          check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


class DaemonTest(ServiceTest):
    """What the tests below begin with."""

    def started(self, **options):
        service = self.service(**options)
        service.start()
        return service

    def with_share(self, service, *, wait="--wait"):
        service.ask("type", "create", "gold", "--replication", "readable", "--sync-interval", 1)
        service.ask("share", "create", "data", "--type", "gold", "--size", 1, "--zone", "zone-a",
                    "--wait")
        export = pathlib.Path(service.shares()[0]["exports"][0])
        for number in range(20):
            (export / f"file-{number}").write_bytes(os.urandom(50_000))
        service.ask("replica", "add", "data", "--zone", "zone-b", *([wait] if wait else []))
        return export

    def copies_are_equal(self, service):
        exports = [one["exports"] for one in service.replicas()]
        if [len(one) for one in exports] != [1, 1]:
            return False

        def files(export):
            top = pathlib.Path(export).resolve(strict=True)
            return {path.name: path.read_bytes() for path in top.iterdir()}

        try:
            one, other = [files(one[0]) for one in exports]
        except OSError:  # an export is being replaced
            return False
        return one == other and len(one) == 20

    def digests(self, service):
        status = service.get("/pasig/v1/status")
        return status["log"]["records"], status["verdict_digest"], status["state_digest"]

    def quiet_digests(self, service):
        """When nothing is written any more."""
        service.wait_until("both replicas to be well", lambda: sorted(
            one["state"] for one in service.replicas()) == ["active", "in_sync"])
        return self.digests(service)


class Start(DaemonTest):
    """What can be in the way of it."""

    def test_a_second_one_on_the_same_data_is_refused(self):
        service = self.started()
        other = service.top / "other.toml"
        other.write_text(service.config.read_text().replace(str(service.socket),
                                                            str(service.top / "other.sock")))
        code, words = lines_of(PASIGD, "--config", other)
        self.assertEqual(code, FAILED, words)
        self.assertIn(str(service.data), words)
        self.assertIn("another", words)
        self.assertTrue(service.get("/pasig/v1/status")["ready"])

    def test_a_second_one_on_the_same_socket_is_refused_and_leaves_it(self):
        service = self.started()
        other = service.top / "other.toml"
        other.write_text(service.config.read_text().replace(str(service.data),
                                                            str(service.top / "other")))
        code, words = lines_of(PASIGD, "--config", other)
        self.assertEqual(code, FAILED, words)
        self.assertIn(f"cannot listen on {service.socket}: another process listens there", words)
        self.assertTrue(service.get("/pasig/v1/status")["ready"])

    def test_a_busy_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as busy:
            port = busy.getsockname()[1]
            service = self.service(sections={"api": {"listen": [f"127.0.0.1:{port}"]}})
            code, words = lines_of(PASIGD, "--config", service.config)
        self.assertEqual(code, FAILED, words)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: another process listens there", words)
        self.assertFalse(service.socket.exists(), "a pasigd that is refused leaves no socket")

    def test_a_port_is_free_again_after_a_kill(self):
        port = free_port()
        service = self.started(sections={"api": {"listen": [f"127.0.0.1:{port}"]}})
        service.kill9()
        service.start()
        code, _, err = service.cli("--url", f"http://127.0.0.1:{port}", "status")
        self.assertEqual(code, 2, "--socket and --url at once")
        self.assertIn("--url", err)
        with socket.create_connection(("127.0.0.1", port)):
            pass

    def test_a_wrong_line_is_named_and_nothing_is_made(self):
        service = self.service()
        service.config.write_text(service.config.read_text() + "[api]\nworkers = 0\n")
        code, words = lines_of(PASIGD, "--config", service.config)
        self.assertEqual(code, WRONG_CONFIGURATION, words)
        self.assertRegex(words, rf"^pasigd: {service.config}:\d+: ")
        self.assertFalse(service.data.exists())

    def test_a_wrong_option_of_a_driver_is_named(self):
        service = self.service()
        service.write_config([{**service.controller("zone-a"), "colour": "red"}], {}, {})
        for words in (["--check-config"], []):
            code, told = lines_of(PASIGD, *words, "--config", service.config)
            self.assertEqual(code, WRONG_CONFIGURATION, told)
            self.assertIn("controller in-zone-a, option colour: is not known", told)
        self.assertFalse(service.data.exists())

    def test_checking_the_configuration_starts_nothing(self):
        service = self.service()
        code, words = lines_of(PASIGD, "--check-config", "--config", service.config)
        self.assertEqual((code, words), (0, f"{service.config}: good, 2 controllers\n"))
        self.assertFalse(service.data.exists())

    def test_an_unreachable_service_has_its_own_code(self):
        service = self.service()
        code, out, err = service.cli("status", "-o", "json")
        self.assertEqual((code, out), (UNREACHABLE, ""))
        self.assertEqual(json.loads(err)["error"]["exit"], UNREACHABLE)


    def test_what_is_asked_in_the_first_moment_finds_its_place(self):
        service = self.started()
        service.ask("type", "create", "gold", "--replication", "readable")
        for number in range(5):
            service.kill9()
            service.spawn()
            body = {"name": f"data-{number}", "type": "gold", "size_gb": 1}

            def is_accepted():
                try:
                    status, told = service.api("POST", "/pasig/v1/shares", body)
                except Unreachable:
                    return False
                self.assertIn(status, (202, 503), told)
                return status == 202

            service.wait_until("the share to be accepted", is_accepted)
            service.wait_ready()
        self.assertEqual([one["note"] for one in service.shares() if one["status"] == "error"], [])


class Stop(DaemonTest):
    """By a signal, in the middle of something, or by a kill."""

    def test_sigterm_ends_it_with_0_and_leaves_no_socket(self):
        service = self.started()
        service.stop()
        self.assertFalse(service.socket.exists())
        self.assertIn("stopped", service.log_tail(1))

    def test_sigint_ends_it_too(self):
        service = self.started()
        service.process.send_signal(signal.SIGINT)
        self.assertEqual(service.process.wait(60), 0, service.log_tail())

    def test_a_copy_that_was_stopped_is_finished_after_the_restart(self):
        rsync, slow, runs = self.slow_rsync()
        service = self.started(rsync=rsync)
        self.with_share(service, wait=None)
        service.wait_until("the copy to begin", runs)
        service.stop(30)
        self.assertEqual(service.orphans(), [], "a stopped pasigd leaves no rsync")
        slow.unlink()
        service.start()
        service.wait_until("equal copies", lambda: self.copies_are_equal(service))
        self.quiet_digests(service)
        service.verify()

    def test_rsync_that_outlives_a_kill_is_not_in_the_way_of_the_next_one(self):
        rsync, slow, runs = self.slow_rsync()
        service = self.started(rsync=rsync, sections={
            "api": {"listen": [f"127.0.0.1:{free_port()}"]}})
        self.with_share(service, wait=None)
        service.wait_until("the copy to begin", runs)
        service.kill9()
        self.assertNotEqual(service.orphans(), [], "rsync was to be left")
        slow.unlink()
        service.start()
        service.wait_until("equal copies", lambda: self.copies_are_equal(service))
        self.assertFalse(any(is_alive(pid) for pid in service.orphans()))

    def slow_rsync(self):
        """The program, the file that makes it slow, and a question: is a slow one at work?"""
        top = self.service().top / "tools"  # a place that is removed afterwards
        top.mkdir()
        program, slow, begun = top / "rsync", top / "slow", top / "begun"
        real = shutil.which("rsync")
        program.write_text(f'#!/bin/sh\nif [ -e {slow} ]; then : > {begun}; '
                           f'exec {real} --bwlimit=1 "$@"; fi\nexec {real} "$@"\n')
        program.chmod(0o755)
        slow.touch()
        return program, slow, begun.exists


class Restart(DaemonTest):
    """What is the same afterwards."""

    def test_a_kill_changes_nothing_that_was_answered(self):
        service = self.started()
        self.with_share(service)
        before = self.quiet_digests(service)
        shares = [(one["id"], one["epoch"]) for one in service.shares()]
        service.kill9()
        service.start()
        self.assertEqual([(one["id"], one["epoch"]) for one in service.shares()], shares)
        self.assertEqual(self.digests(service), before)
        service.verify()

    def test_the_same_command_again_is_done_once(self):
        service = self.started()
        service.ask("type", "create", "gold", "--replication", "readable")
        key = str(uuid.uuid4())
        body = {"name": "data", "type": "gold", "size_gb": 1, "zone": "zone-a"}
        status, first = service.api("POST", "/pasig/v1/shares", body, key=key)
        self.assertEqual(status, 202, first)
        service.kill9()
        service.start()
        status, again = service.api("POST", "/pasig/v1/shares", body, key=key)
        self.assertEqual(status, 202, again)
        self.assertTrue(again["repeated"])
        for same in ("command_id", "ordinal", "operation", "events"):
            self.assertEqual(again[same], first[same])
        self.assertEqual([one["id"] for one in service.shares()], [first["share"]["id"]])
        self.assertEqual(sum(one["command_id"] == key for one in service.records()), 1)
        status, told = service.api("POST", "/pasig/v1/shares", {**body, "size_gb": 2}, key=key)
        self.assertEqual(status, 422, told)
        self.assertEqual(len(service.shares()), 1)

    def test_the_command_pasig_keeps_an_id_too(self):
        service = self.started()
        service.ask("type", "create", "gold", "--replication", "readable")
        words = ["share", "create", "data", "--type", "gold", "--command-id", str(uuid.uuid4())]
        first = service.ask(*words, "--size", 1)
        service.restart()
        again = service.ask(*words, "--size", 1)
        self.assertEqual((again["ordinal"], again["share"]["id"]),
                         (first["ordinal"], first["share"]["id"]))
        code, _, err = service.cli(*words, "--size", 2)
        self.assertEqual(code, WRONG_WORDS, err)
        self.assertIn("was used for another command", err)
        self.assertEqual(len(service.shares()), 1)

    def test_a_refusal_is_the_same_again(self):
        service = self.started()
        self.with_share(service)
        key = str(uuid.uuid4())
        active = service.shares()[0]["active_replica"]
        first = service.api("DELETE", f"/pasig/v1/replicas/{active}", key=key)
        self.assertGreaterEqual(first[0], 400)
        self.assertTrue(first[1]["error"]["recorded"])
        service.kill9()
        service.start()
        self.assertEqual(service.api("DELETE", f"/pasig/v1/replicas/{active}", key=key), first)


class Rebuild(DaemonTest):
    """The state is made anew from the log, and is the same."""

    def rebuild(self, service):
        return service.cli("replay", "rebuild", "--data", service.data, "-o", "json")

    def test_it_is_refused_while_pasigd_runs(self):
        service = self.started()
        code, _, err = self.rebuild(service)
        self.assertEqual(code, REFUSED, err)
        self.assertIn("stop pasigd first", json.loads(err)["error"]["hint"])
        self.assertTrue(service.get("/pasig/v1/status")["ready"])

    def test_it_gives_the_same_digests(self):
        service = self.started()
        self.with_share(service)
        before = self.quiet_digests(service)
        service.stop()
        code, out, err = self.rebuild(service)
        self.assertEqual(code, 0, err)
        told = json.loads(out)
        self.assertEqual((told["records"], told["verdict_digest"], told["state_digest"]), before)
        service.start()
        self.assertEqual(self.digests(service), before)
        service.verify()

    def test_a_state_that_is_gone_comes_back(self):
        service = self.started()
        self.with_share(service)
        before = self.quiet_digests(service)
        service.kill9()
        shutil.rmtree(service.data / "state")
        service.start()
        self.assertEqual(self.digests(service), before)
        self.assertTrue(self.copies_are_equal(service))
        service.verify()
