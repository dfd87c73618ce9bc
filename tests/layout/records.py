"""Rules that tie code, tests and documents together: events, states, CMake, ADRs."""

import fnmatch
import os
import re

from includes import OWN, THIRD_PARTY
from tree import SOURCE_FOLDERS, Finding

LABELS = {"unit", "scenario", "contract", "property", "golden", "integration", "e2e"}
STATE_ENUMS = ("ReplicaStatus", "ReplicaState", "OperationStatus")
ADR_LINES = 60
ARCHITECTURE_LINES = 400


def events_of(schema):
    """(number, name) of the union."""
    body = re.search(r"union Event \{(.*?)\}", schema, re.DOTALL)
    return [(int(number), name) for name, number in
            re.findall(r"(\w+)\s*=\s*(\d+)", body.group(1))] if body else []


def words_of(schema, enum):
    body = re.search(rf"enum {enum}\b[^{{]*\{{(.*?)\}}", schema, re.DOTALL)
    return re.findall(r"(\w+)\s*=\s*\d+", body.group(1)) if body else []


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def every_event_is_told(tree):
    schema = tree.text("events/events.fbs")
    page = tree.texts.get("docs/events.md", "")
    sentences = "".join(text for path, text in tree.texts.items()
                        if path == "replay/sentences.cc" or path.startswith("replay/say_"))
    golden = {os.path.basename(path) for path in tree.paths("", under=("tests",))
              if path.startswith("tests/golden/events/")}
    found = []
    for number, name in events_of(schema):
        if not any(one.startswith(f"{number:04d}_{snake(name)}.") for one in golden):
            found.append(Finding("events", f"tests/golden/events/{number:04d}_{snake(name)}",
                                 f"{name} has no golden file"))
        if not re.search(rf"^\| {number} \| `{name}` \|", page, re.MULTILINE):
            found.append(Finding("events", "docs/events.md", f"no line for {number} {name}"))
        if f"say(const {name}&" not in sentences:
            found.append(Finding("events", "replay/sentences.cc", f"no sentence for {name}"))
    for number, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", page, re.MULTILINE):
        if (int(number), name) not in events_of(schema):
            found.append(Finding("events", "docs/events.md", f"{number} {name} is no event"))
    return found


def every_state_is_told(tree):
    page = tree.texts.get("docs/states.md", "")
    schema = tree.text("events/events.fbs")
    return [Finding("states", "docs/states.md", f"{enum} {state} is not on the page")
            for enum in STATE_ENUMS for state in words_of(schema, enum)
            if not re.search(rf"\b{state}\b", page)]


def labels_known(tree):
    found = []
    for path in tree.paths("CMakeLists.txt", under=("tests", "bench")):
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        used = re.findall(r"\bpasig_test\(\s*[\w${}]+\s+([\w${}]+)", text)
        used += re.findall(r'\bLABELS\s+"?([\w;${}]+)', text)
        for label in {one for many in used for one in many.split(";")}:
            if label not in LABELS and not label.startswith("$"):
                found.append(Finding("labels", path, f"{label}: known are "
                                     + ", ".join(sorted(LABELS))))
    return found


def cmake_sources(tree, path):
    """The .cc files, as paths or patterns, that one CMakeLists.txt names."""
    folder = os.path.dirname(path)
    text = re.sub(r"#[^\n]*", "", tree.text(path))
    for name in re.findall(r"[\w./${}*-]+\.cc\b", text):
        name = name.replace("${CMAKE_CURRENT_SOURCE_DIR}/", "")
        if name.startswith("${PROJECT_SOURCE_DIR}/"):
            yield name.removeprefix("${PROJECT_SOURCE_DIR}/")
        else:
            yield os.path.normpath(os.path.join(folder, name))


def cmake_reaches(tree, path):
    """Whether the CMakeLists.txt above names this one's folder."""
    folder = os.path.dirname(path)
    while folder:
        above = os.path.dirname(folder)
        parent = os.path.join(above, "CMakeLists.txt") if above else "CMakeLists.txt"
        if parent in tree:
            return re.search(rf"\b{re.escape(os.path.relpath(folder, above or '.'))}\b",
                             tree.text(parent)) is not None
        folder = above
    return True


def every_source_is_built(tree):
    found = []
    named = []
    for path in tree.paths("CMakeLists.txt"):
        if not cmake_reaches(tree, path):
            found.append(Finding("cmake", path, "no CMakeLists.txt above adds this folder"))
        named += cmake_sources(tree, path)
    for path in tree.paths(".cc"):
        if not any(fnmatch.fnmatch(path, name) for name in named):
            found.append(Finding("cmake", path, "no CMakeLists.txt names it"))
    for name in named:
        if "*" not in name and "$" not in name and name not in tree:
            found.append(Finding("cmake", name, "a CMakeLists.txt names it, but it is not there"))
    return found


def decisions(tree):
    """ADRs are numbered without gaps, short, and have their four parts."""
    found = []
    paths = sorted(path for path in tree.paths(".md") if path.startswith("docs/adr/")
                   and path != "docs/adr/README.md")
    for number, path in enumerate(paths, 1):
        text = tree.text(path)
        if not os.path.basename(path).startswith(f"{number:04d}-"):
            found.append(Finding("adr", path, f"expected number {number:04d}"))
        if text.count("\n") > ADR_LINES:
            found.append(Finding("adr", path, f"more than a page ({ADR_LINES} lines)"))
        for part in ("Context", "Decision", "Consequences", "What would change our mind"):
            if f"\n## {part}\n" not in text:
                found.append(Finding("adr", path, f"has no part '{part}'"))
    return found


def include_row(folder):
    """The folder's row of the include table, as ARCHITECTURE.md has it."""
    own = "everything" if OWN[folder] == list(SOURCE_FOLDERS) else ", ".join(OWN[folder]) or "–"
    return f"| {folder} | {own} | {', '.join(THIRD_PARTY[folder]) or '–'} |"


def architecture(tree):
    """The page is short, its code map has every folder, its include table is the one checked."""
    if "ARCHITECTURE.md" not in tree:
        return [Finding("architecture", "ARCHITECTURE.md", "is missing")]
    text = tree.text("ARCHITECTURE.md")
    found = [Finding("architecture", "ARCHITECTURE.md", f"has no line for {folder}/")
             for folder in SOURCE_FOLDERS if not re.search(rf"^\| `{folder}/` \|", text,
                                                           re.MULTILINE)]
    found += [Finding("architecture", "ARCHITECTURE.md",
                      f"the include table's row should be: {row}")
              for row in map(include_row, OWN) if row not in text.split("\n")]
    if text.count("\n") >= ARCHITECTURE_LINES:
        found.append(Finding("architecture", "ARCHITECTURE.md",
                             f"stays under {ARCHITECTURE_LINES} lines"))
    return found
