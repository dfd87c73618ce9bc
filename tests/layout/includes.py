"""The include table: who may include whom, and which third-party headers (ARCHITECTURE.md)."""

import re

from cpp import bare, includes
from tree import SOURCE_FOLDERS, Finding

# Folder (or sub-folder) → own folders or single headers it may include besides itself.
OWN = {
    "base": [],
    "events": ["base"],
    "statemachine": ["base", "events"],
    "scheduler": ["base", "events", "statemachine"],
    "commands": ["base", "events", "statemachine", "scheduler"],
    "log": ["base", "events"],
    "projections": ["base", "events", "statemachine"],
    "service": ["base", "events", "statemachine", "scheduler", "commands", "log", "projections"],
    "drivers": ["base", "events", "statemachine", "commands", "projections", "service/handler.h"],
    "drivers/directory": ["base", "drivers/driver.h"],
    "drivers/simulated": ["base", "drivers/driver.h"],
    "replay": ["base", "events", "statemachine", "commands", "projections", "log/log_reader.h",
               "log/verdict.h", "service/fold.h"],
    "http": ["base", "events", "statemachine", "commands", "projections", "replay",
             "service/handler.h", "log/log_reader.h"],
    "cli": ["base", "events", "replay", "log/log_reader.h", "log/open.h"],
    "daemon": list(SOURCE_FOLDERS),
}

# The first part of a header's name → the library.
LIBRARIES = [
    ("boost/pfr", "Boost.PFR"), ("boost/crc", "Boost.CRC"),
    ("boost/msm", "Boost.MSM"), ("boost/mpl", "Boost.MSM"), ("boost/mp11", "Boost.MSM"),
    ("boost/fusion", "Boost.MSM"),
    ("boost/beast", "Boost.Beast"), ("boost/asio", "Boost.Beast"), ("boost/system", "Boost.Beast"),
    ("boost/json", "Boost.JSON"),
    ("flatbuffers/", "FlatBuffers"), ("lmdb.h", "LMDB"), ("openssl/", "OpenSSL"),
    ("tl/expected.hpp", "tl::expected"), ("spdlog/", "spdlog"), ("fmt/", "fmt"),
    ("prometheus/", "prometheus-cpp"), ("CLI/", "CLI11"), ("toml++/", "toml++"),
    ("acl/", "libacl"),
]
THIRD_PARTY = {
    "base": ["tl::expected", "OpenSSL", "Boost.CRC"],
    "events": ["tl::expected", "FlatBuffers", "Boost.PFR"],
    "statemachine": ["tl::expected", "Boost.MSM"],
    "scheduler": [],
    "commands": ["tl::expected"],
    "log": ["LMDB"],
    "projections": ["LMDB"],
    "service": ["spdlog"],
    "drivers": ["tl::expected", "spdlog"],
    "drivers/directory": ["tl::expected", "OpenSSL", "Boost.JSON", "libacl"],
    "drivers/simulated": ["tl::expected"],
    "replay": [],
    "http": ["Boost.Beast", "Boost.JSON", "prometheus-cpp", "spdlog"],
    "cli": ["tl::expected", "CLI11", "fmt", "Boost.Beast", "Boost.JSON"],
    "daemon": ["toml++", "spdlog", "fmt", "CLI11", "Boost.JSON", "prometheus-cpp"],
}
# A library that only these files may include, and what may include the private headers of them.
CONFINED = {
    "Boost.MSM": r"statemachine/(msm_\w+\.h|\w+\.cc)$",
    "LMDB": r"(log/embedded\.cc|projections/(lmdb_\w+\.h|\w+\.cc))$",
    "FlatBuffers": r"events/",
}
# Headers that carry a confined library: for the same folder alone.
PRIVATE_HEADER = re.compile(r"(^|/)(msm|lmdb)_\w+\.h$")

STANDARD = re.compile(r"^[a-z_]+$")
SYSTEM = re.compile(r"^(sys|linux|netinet|arpa)/\w+\.h$")
POSIX = {"unistd.h", "fcntl.h", "dirent.h", "signal.h", "poll.h", "pthread.h", "wchar.h",
         "stdlib.h", "pwd.h", "grp.h", "termios.h", "netdb.h", "ftw.h", "spawn.h"}
PURE = ("events", "statemachine", "scheduler", "commands")
IMPURE = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "atomic",
          "stop_token", "random", "chrono", "ctime", "fstream", "filesystem", "iostream",
          "base/clock.h"}


def home_of(path):
    """The row of the table that a file belongs to."""
    parts = path.split("/")
    deeper = "/".join(parts[:2])
    return deeper if deeper in OWN else parts[0]


def may_include(home, name):
    top = home_of(name)
    if top == home:
        return True
    allowed = OWN[home]
    return name in allowed or top in allowed or name.split("/")[0] in allowed


def library_of(name):
    for start, library in LIBRARIES:
        if name.startswith(start):
            return library
    return None


def own_finding(path, line, name):
    home = home_of(path)
    if name.split("/")[0] not in SOURCE_FOLDERS:
        return Finding("include_table", path, f'"{name}": write includes from the root', line)
    if not may_include(home, name):
        return Finding("include_table", path,
                       f"{home} may not include {name}; a new arrow needs an ADR and a line in "
                       "tests/layout/includes.py and ARCHITECTURE.md", line)
    if PRIVATE_HEADER.search(name) and home_of(name) != home:
        return Finding("include_table", path, f"{name} is private to {home_of(name)}", line)
    return None


def foreign_finding(path, line, name):
    home = home_of(path)
    if STANDARD.match(name) or SYSTEM.match(name) or name in POSIX:
        return None
    library = library_of(name)
    if library is None:
        return Finding("include_table", path,
                       f"<{name}> belongs to no known library: name it in "
                       "tests/layout/includes.py with an ADR", line)
    if library not in THIRD_PARTY[home]:
        return Finding("include_table", path, f"{home} may not use {library} (<{name}>)", line)
    if library in CONFINED and not re.match(CONFINED[library], path):
        return Finding("include_table", path, f"{library} stays in its own files", line)
    return None


def impure(path, name):
    return path.split("/")[0] in PURE and (name in IMPURE or SYSTEM.match(name) or name in POSIX)


def include_table(tree):
    found = []
    for path in tree.paths(".h", ".cc", under=SOURCE_FOLDERS):
        for line, name, quoted in includes(tree.text(path)):
            one = own_finding(path, line, name) if quoted else foreign_finding(path, line, name)
            if one is None and impure(path, name):
                one = Finding("pure_core", path,
                              f"{name}: time, threads and files are handed in here", line)
            if one is not None:
                found.append(one)
    return found


def own_header_first(tree):
    found = []
    for path in tree.paths(".cc", under=SOURCE_FOLDERS):
        header = path[:-3] + ".h"
        names = [name for _, name, _ in includes(tree.text(path))]
        if header in tree and (not names or names[0] != header):
            found.append(Finding("own_header_first", path, f"include {header} first", 1))
    return found


# Names that have one header, and are used only through it.
DIRECT = {
    r"\bstd::(sort|stable_sort|find_if|any_of|all_of|none_of|count_if|transform|lower_bound"
    r"|min_element|max_element|reverse|remove_if|copy_if|find_if_not|equal_range)\b": "algorithm",
    r"\bstd::[io]?stringstream\b": "sstream",
    r"\bstd::[io]?fstream\b": "fstream",
    r"\bstd::(jthread|thread)\b": "thread",
    r"\bstd::(mutex|scoped_lock|unique_lock|lock_guard)\b": "mutex",
    r"\bstd::atomic\b": "atomic",
    r"\bstd::filesystem\b": "filesystem",
    r"\bstd::deque\b": "deque",
    r"\bstd::regex\b": "regex",
    r"\bPASIG_ASSERT\(": "base/assert.h",
    r"\bPASIG_(TRY|CHECK)\(": "base/result.h",
}


def reachable_headers(tree, path):
    """What the file includes, and what its own header and the headers next to it include."""
    direct = {name for _, name, _ in includes(tree.text(path))}
    reached = set(direct)
    for name in direct:
        if name in tree and home_of(name) == home_of(path):
            reached |= {inner for _, inner, _ in includes(tree.text(name))}
    return reached


def direct_includes(tree):
    """What a file uses by name it includes itself, or a header of its own folder gives it."""
    found = []
    for path in tree.paths(".h", ".cc", under=SOURCE_FOLDERS):
        reached = reachable_headers(tree, path)
        clean = bare(tree.text(path))
        for name, header in DIRECT.items():
            used = re.search(name, clean)
            if used is None or header in reached or path == header:
                continue
            if header == "base/result.h" and any(one.endswith(".h") and "/" in one
                                                 for one in reached):
                continue  # an interface that returns Result hands it out
            found.append(Finding("direct_includes", path,
                                 f"uses {used.group(0)} without including {header}",
                                 clean.count("\n", 0, used.start()) + 1))
    return found
