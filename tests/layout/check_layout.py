"""Checks the whole tree against the rules of style and layout: check_layout.py [ROOT].

Exceptions (exceptions.txt) may only shrink: one that is not needed any more, or whose file got
better than it allows, has to be taken out or lowered, and there are never more than the file's
first line says.
"""

import os
import sys

import includes
import records
import texts
from tree import Tree

RULES = [
    includes.include_table, includes.own_header_first, includes.direct_includes,
    texts.function_length, texts.file_length, texts.line_length, texts.folder_names,
    texts.class_names, texts.banned_calls, texts.todo_form, texts.host_paths,
    texts.header_comments, texts.one_title, texts.references,
    records.every_event_is_told, records.every_state_is_told, records.labels_known,
    records.every_source_is_built, records.decisions, records.architecture,
]


def read_exceptions(text):
    """(most that may be, {(rule, path): size}) of lines `rule path [size]  # why`."""
    most = 0
    allowed = {}
    for line in text.split("\n"):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "at-most":
            most = int(words[1])
        else:
            allowed[(words[0], words[1])] = int(words[2]) if len(words) > 2 else 0
    return most, allowed


def judge(findings, exceptions):
    """What is left of the findings, and what is wrong with the exceptions, as lines."""
    most, allowed = exceptions
    left = []
    largest = {}
    for one in findings:
        key = (one.rule, one.path)
        largest[key] = max(largest.get(key, 0), one.size)
        if key not in allowed or one.size > allowed[key]:
            left.append(str(one))
    for (rule, path), size in allowed.items():
        if (rule, path) not in largest:
            left.append(f"exceptions.txt: {rule} {path} is not needed any more: take it out")
        elif largest[(rule, path)] < size:
            left.append(f"exceptions.txt: {rule} {path} is down to {largest[(rule, path)]}: "
                        "lower it")
    if len(allowed) != most:
        left.append(f"exceptions.txt: {len(allowed)} exceptions, and its first line says "
                    f"{most}; that number only goes down")
    return left


def main(root):
    tree = Tree.read(root)
    with open(os.path.join(os.path.dirname(__file__), "exceptions.txt"), encoding="utf-8") as file:
        exceptions = read_exceptions(file.read())
    findings = [one for rule in RULES for one in rule(tree)]
    left = judge(findings, exceptions)
    for line in left:
        print(line)
    files = len(tree.texts)
    print(f"{len(RULES)} rules, {files} files, {len(left)} to mend")
    return 1 if left or files == 0 else 0


if __name__ == "__main__":
    above = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else above))
