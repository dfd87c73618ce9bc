"""Reads and judges golden logs by docs/formats/record.md alone, without any of Pasig's code.

    independent_reader.py FOLDER

Compares every NAME.bin in the folder with its NAME.txt. Exits 1 when one differs. Only what the
verdict needs is read from the FlatBuffer; frames that a node would stop at end the program.
"""

import hashlib
import pathlib
import struct
import sys

WORDS = ["accepted", "duplicate", "too_old", "other_history", "stream_moved", "counter",
         "foreign", "quarantined", "not_first"]
LOG_CREATED = 1  # its number in the union of events


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Table:
    """A FlatBuffers table: fields by their id."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - struct.unpack_from("<i", data, at)[0]
        self.size = struct.unpack_from("<H", data, self.vtable)[0]

    def place(self, field):
        entry = 4 + 2 * field
        offset = struct.unpack_from("<H", self.data, self.vtable + entry)[0] \
            if entry < self.size else 0
        return self.at + offset if offset else None

    def scalar(self, field, form):
        place = self.place(field)
        return 0 if place is None else struct.unpack_from("<" + form, self.data, place)[0]

    def target(self, field):
        place = self.place(field)
        return None if place is None else place + struct.unpack_from("<I", self.data, place)[0]

    def bytes(self, field):
        at = self.target(field)
        if at is None:
            return b""
        return self.data[at + 4:at + 4 + struct.unpack_from("<I", self.data, at)[0]]

    def table(self, field):
        return Table(self.data, self.target(field))

    def tables(self, field):
        at = self.target(field)
        for i in range(0 if at is None else struct.unpack_from("<I", self.data, at)[0]):
            place = at + 4 + 4 * i
            yield Table(self.data, place + struct.unpack_from("<I", self.data, place)[0])


class Log:
    def __init__(self, quarantined):
        self.quarantined = quarantined
        self.window = 0
        self.seen, self.versions, self.values = {}, {}, {}
        self.digests = []

    def take(self, frame):
        ordinal = len(self.digests)
        record, reason = self.judge(ordinal, frame)
        if reason == "accepted":
            self.fold(ordinal, record)
        before = self.digests[-1] if self.digests else bytes(32)
        inner = hashlib.sha256(frame).digest()
        number = bytes([WORDS.index(reason)])
        self.digests.append(hashlib.sha256(before + inner + number).digest())
        return reason

    def judge(self, ordinal, frame):
        if ordinal in self.quarantined:
            return None, "quarantined"
        if frame[:4] != b"PSG1":
            return None, "foreign"
        form, zero, length, checksum = struct.unpack_from("<HHII", frame, 4)
        payload = frame[16:]
        if (form, zero, length, checksum) != (1, 0, len(payload), crc32c(payload)):
            sys.exit(f"record {ordinal} is corrupt or of a newer format")
        record = Table(payload, struct.unpack_from("<I", payload, 0)[0])
        return record, self.judge_record(ordinal, record)

    def judge_record(self, ordinal, record):
        creates = any(event.scalar(0, "B") == LOG_CREATED for event in record.tables(16))
        if ordinal == 0:
            return "accepted" if creates else "not_first"
        if creates:
            return "not_first"
        first = self.seen.get(record.bytes(1))
        if first is not None and ordinal - first <= self.window:
            return "duplicate"
        decided = record.scalar(11, "Q")
        if decided >= ordinal:
            return "other_history"
        if ordinal - decided > self.window:
            return "too_old"
        if (record.bytes(12) or bytes(32)) != self.digests[decided]:
            return "other_history"
        return self.judge_expectations(record)

    def judge_expectations(self, record):
        for expected in record.tables(13):
            kind, subject = expected.scalar(0, "B"), expected.bytes(1)
            if kind == 0:
                if self.versions.get(subject, 0) != expected.scalar(2, "Q"):
                    return "stream_moved"
                continue
            total = self.values.get(subject, 0) + expected.scalar(3, "q")
            if (total <= expected.scalar(4, "q")) != (kind == 1):
                return "counter"
        values = dict(self.values)
        for move in record.tables(15):
            total = values.get(move.bytes(0), 0) + move.scalar(1, "q")
            if not -2**63 <= total < 2**63:
                return "counter"
            values[move.bytes(0)] = total
        return "accepted"

    def fold(self, ordinal, record):
        for event in record.tables(16):
            if event.scalar(0, "B") == LOG_CREATED:
                self.window = event.table(1).scalar(3, "Q")
        self.seen[record.bytes(1)] = ordinal
        for touch in record.tables(14):
            stream = touch.bytes(0)
            self.versions[stream] = self.versions.get(stream, 0) + touch.scalar(1, "I")
        for move in record.tables(15):
            counter = move.bytes(0)
            self.values[counter] = self.values.get(counter, 0) + move.scalar(1, "q")


def frames(data):
    at = 0
    while at < len(data):
        length = struct.unpack_from("<I", data, at)[0]
        yield data[at + 4:at + 4 + length]
        at += 4 + length


def meaning(path, expected):
    listed = [int(line.split()[1]) for line in expected.splitlines()
              if line.startswith("quarantine ")]
    log = Log(set(listed))
    lines = [f"quarantine {ordinal}" for ordinal in listed]
    for ordinal, frame in enumerate(frames(path.read_bytes())):
        lines.append(f"{ordinal} {log.take(frame)}")
    lines.append(f"digest {log.digests[-1].hex()}")
    return "\n".join(lines) + "\n"


def main():
    assert crc32c(b"123456789") == 0xE3069283
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.bin"))
    different = []
    for path in paths:
        expected = path.with_suffix(".txt").read_text()
        found = meaning(path, expected)
        if found != expected:
            different.append(path.name)
            print(f"{path.name}: expected\n{expected}found\n{found}")
    print(f"{len(paths)} logs read, {len(different)} differ")
    return 1 if different or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
