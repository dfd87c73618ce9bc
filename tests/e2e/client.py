"""A client of a share: a process of the user whose number it is given, that opens files and writes
when it is told to.

It is told by lines of JSON on its standard input: `["open", path]`, `["write", text]` (through what
was opened by that), `["new", path, text]` (by an open of its own). It answers each with the name of
the error, or null.
"""

import errno
import json
import os
import sys

APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
held = None


def write(descriptor, text):
    os.write(descriptor, text.encode())
    os.fsync(descriptor)


def act(what, *words):
    global held
    if what == "open":
        held = os.open(words[0], APPEND, 0o666)
    elif what == "write":
        write(held, words[0])
    elif what == "new":
        fresh = os.open(words[0], APPEND, 0o666)
        try:
            write(fresh, words[1])
        finally:
            os.close(fresh)


os.umask(0)
user = int(sys.argv[1])
if user != os.geteuid():
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
for line in sys.stdin:
    answer = None
    try:
        act(*json.loads(line))
    except OSError as error:
        answer = errno.errorcode[error.errno]
    print(json.dumps(answer), flush=True)
