"""What must hold after kills and repairs: that the log has every answered command once, that views
and disks agree on one active replica, and that the files which went through are still there.
"""

import collections
import datetime
import json
import pathlib

from workload import content

Call = collections.namedtuple("Call", "operation kind begin end")  # seconds since 1970
OVER = {"OperationCompleted": "done", "OperationFailed": "failed",
        "OperationCancelled": "cancelled"}


def seconds_of(time):
    """Of the API's text, since 1970."""
    return datetime.datetime.fromisoformat(time).replace(tzinfo=datetime.UTC).timestamp()


def wrong_answers(answers, records):
    """What was answered against what is in the log."""
    counts = collections.Counter()
    ordinals = {}
    for record in records:
        if record["outcome"] in ("accepted", "refused"):
            counts[record["command_id"], record["outcome"]] += 1
            ordinals[record["command_id"]] = record["ordinal"]
    for key, one in answers.items():
        wanted = (int(one.accepted and one.ordinal is not None),
                  int(not one.accepted and one.ordinal is not None))
        found = (counts[key, "accepted"], counts[key, "refused"])
        if found != wanted or ordinals.get(key) != one.ordinal:
            yield (f"{one.words} (id {key}) at {one.ordinal} {one.command}: the log has it "
                   f"{found[0]} times accepted, {found[1]} refused, at {ordinals.get(key)}")


def twice_over(records):
    """Operations that ended twice or never, shares and replicas that were made twice."""
    ends, asked, made = collections.Counter(), set(), collections.Counter()
    for record in records:
        for event in record["events"] if record["outcome"] == "accepted" else []:
            data = event["data"]
            if event["type"] in OVER:
                ends[data["operation"]] += 1
            elif event["type"] == "OperationRequested":
                asked.add(data["operation"])
            elif event["type"] in ("ShareCreated", "ReplicaAddStarted"):
                made["replica " + data["replica"]] += 1
                if event["type"] == "ShareCreated":
                    made["share named " + data["name"]] += 1
    yield from (f"operation {one} ended {ends[one]} times" for one in asked if ends[one] != 1)
    yield from (f"{one} was made {many} times" for one, many in made.items() if many != 1)


def calls(records):
    """Driver calls of operations, each as the log proves it: from the claim of a process to the
    report, or to the claim of the next process."""
    kinds, begun = {}, {}
    for record in records:
        now = seconds_of(record["time"])
        for event in record["events"] if record["outcome"] == "accepted" else []:
            data = event["data"]
            operation = data.get("operation")
            if event["type"] == "OperationRequested":
                kinds[operation] = data["kind"]
            elif event["type"] == "OperationStarted" or event["type"] in OVER:
                if operation in begun:
                    yield Call(operation, kinds[operation], begun.pop(operation), now)
                if event["type"] == "OperationStarted":
                    begun[operation] = now


def changes(records):
    """Share → its changes of the active replica, oldest first, as the events tell them."""
    found = collections.defaultdict(list)
    for record in records:
        for event in record["events"] if record["outcome"] == "accepted" else []:
            if event["type"] == "ActiveReplicaChanged":
                found[event["data"]["share"]].append(event["data"])
    return found


def may_be_lost(touch, changed):
    """Only a forced change loses something, and only what came after its copy was begun. A write
    that began before the change may have ended behind it, so the epoch that was seen counts."""
    return any(one["effective_mode"] == "forced" and one["epoch"] > touch.epoch and
               one["data_as_of"] / 1e6 < touch.done_at for one in changed)


def trees(replicas):
    """Replica's zone → path → bytes, through its export; none where it is being replaced."""
    found = {}
    for one in replicas:
        try:
            top = pathlib.Path(one["exports"][0]).resolve(strict=True)
            found[one["zone"]] = {str(path.relative_to(top)): path.read_bytes()
                                  for path in sorted(top.rglob("*")) if path.is_file()}
        except (OSError, IndexError):
            return None
    return found


def wrong_files(files, touches, changed):
    """The active replica's files against what the clients did, and how many were held to it."""
    last = {}
    for one in touches:  # a name is written once, and deleted at most once after that
        if one.size is not None or one.done_at is not None:
            last.setdefault(one.name, []).append(one)
    held, wrong = 0, []
    for name, acts in last.items():
        written, deleted = acts[0], acts[1] if len(acts) > 1 else None
        found = files.get(name)
        if found is not None and not content(name, written.size).startswith(found):
            wrong.append(f"{name} has bytes that nobody wrote")
        if deleted is None and written.done_at is not None:
            if not may_be_lost(written, changed):
                held += 1
                if found != content(name, written.size):
                    wrong.append(f"{name}, written at {written.done_at} in epoch {written.epoch}, "
                                 f"{'is gone' if found is None else 'is cut'}")
        if deleted is not None and found is not None and not may_be_lost(deleted, changed):
            wrong.append(f"{name}, deleted at {deleted.done_at}, is there again")
    wrong += [f"{name} was written by nobody" for name in files if name not in last]
    return held, wrong


def wrong_on_disk(service, shares, changed):
    """Roles, epochs and what lies around, against what is served."""
    expected = {}
    for share in shares:
        if share["epoch"] != 1 + len(changed[share["id"]]):
            yield f"share {share['name']} has epoch {share['epoch']}, not one for each change"
        if len({one["zone"] for one in share["replicas"]}) != len(share["replicas"]):
            yield f"share {share['name']} has two replicas in one zone"
        for one in share["replicas"]:
            expected[service.place(one)] = share, one
    for root in service.roots.values():
        for place in root.glob("shares/*/*"):
            if place not in expected:
                yield f"{place} belongs to no replica"
    for place, (share, replica) in expected.items():
        record = json.loads((place / "replica.json").read_text())
        active = replica["state"] == "active"
        if (record["role"] == "active", record["epoch"]) != (active, share["epoch"]):
            yield (f"{place} says {record['role']} of epoch {record['epoch']}, the log says "
                   f"{replica['state']} of epoch {share['epoch']}")
        if (place / "live").exists() != active:
            yield f"{place}/live is {'missing' if active else 'left over'}"
        if (place / "prepared").exists():
            yield f"{place}/prepared is left over"


def one_active_each(shares):
    """What is wrong with the shares that have been made, at any moment."""
    for share in shares:
        active = [one["id"] for one in share["replicas"] if one["state"] == "active"]
        if share["epoch"] > 0 and active != [share["active_replica"]]:
            yield f"share {share['name']} has the active replicas {active}"
