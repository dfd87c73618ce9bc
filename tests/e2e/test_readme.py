"""The session of the README, pasted: each of its lines does what it says."""

import pathlib
import re
import shlex
import unittest

from service import ServiceTest

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


class Session(ServiceTest):
    def test_every_line_ends_well(self):
        [box] = re.findall(r"^## A session\n\n```\n(.*?)^```$", README.read_text(), re.S | re.M)
        pasigd = self.service(zones=("zone-a", "zone-b"))
        pasigd.start()
        for line in box.splitlines():
            program, *words = shlex.split(line)
            self.assertEqual(program, "pasig")
            code, out, err = pasigd.cli(*words)
            self.assertEqual(code, 0, f"{line}\n{out}{err}{pasigd.log_tail()}")
        [share] = pasigd.shares()
        self.assertEqual((share["zone"], share["size_gb"], share["snapshots"]), ("zone-b", 2, 1))


if __name__ == "__main__":
    unittest.main()
