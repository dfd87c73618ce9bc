"""Rules about the text of files: sizes, names, comments, Markdown."""

import ast
import os
import re

import cpp
from tree import SOURCE_FOLDERS, Finding

LINES_PER_FUNCTION = 70
LINES_PER_FILE = 400
COLUMNS = 100
CODE = (".h", ".cc", ".py")
BANNED_FOLDERS = {"common", "utils", "util", "helpers", "misc", "shared", "lib"}
BANNED_PARTS = {"Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Processor", "Info"}
BANNED_CALLS = {
    r"\bstd::regex\b": "std::regex overflows the stack on long input: write a small parser",
    r"\bsleep_for\b|\bsleep_until\b|\busleep\s*\(|\bnanosleep\s*\(": "wait on a condition",
    r"\bsystem_clock\b": "time comes from base/clock.h",
    r"\bstd::rand\b|\brand\s*\(\)|\brandom_device\b": "randomness comes from base/ids.h",
    r"\bstd::async\b": "its destructor blocks: use a thread that has an owner",
}
BANNED_CALLS_ALLOWED = {"base/clock.h"}
# Where a person's machine shows; spelled in parts, so that this file passes.
HOST_PATHS = re.compile(r"(?<![\w.-])/(?:work" + r"|root|home/\w+)/")


def function_length(tree):
    found = []
    for path in tree.paths(".h", ".cc"):
        for first, last in cpp.functions(tree.text(path)):
            size = last - first + 1
            if size > LINES_PER_FUNCTION:
                found.append(Finding("function_length", path,
                                     f"{size} lines, at most {LINES_PER_FUNCTION}", first, size))
    for path in tree.paths(".py"):
        for node in ast.walk(ast.parse(tree.text(path))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = node.end_lineno - node.lineno + 1
                if size > LINES_PER_FUNCTION:
                    found.append(Finding("function_length", path,
                                         f"{size} lines, at most {LINES_PER_FUNCTION}",
                                         node.lineno, size))
    return found


def file_length(tree):
    return [Finding("file_length", path, f"{size} lines, at most {LINES_PER_FILE}", 0, size)
            for path in tree.paths(*CODE, "dev")
            if (size := tree.text(path).count("\n")) > LINES_PER_FILE]


def line_length(tree):
    return [Finding("line_length", path, f"{len(line)} columns, at most {COLUMNS}", number,
                    len(line))
            for path in tree.paths(*CODE, "dev")
            for number, line in enumerate(tree.lines(path), 1) if len(line) > COLUMNS]


def folder_names(tree):
    folders = {os.path.dirname(path) for path in tree.texts}
    return [Finding("folder_names", folder, "say what it holds")
            for folder in sorted(folders) if BANNED_FOLDERS & set(folder.split("/"))]


def class_names(tree):
    found = []
    for path in tree.paths(".h", ".cc"):
        clean = cpp.bare(tree.text(path))
        for match in re.finditer(r"\b(?:class|struct|enum|concept|using)\s+(?:class\s+)?([A-Z]\w+)",
                                 clean):
            parts = re.findall(r"[A-Z][a-z0-9]*", match.group(1))
            banned = BANNED_PARTS & set(parts)
            if banned:
                found.append(Finding("class_names", path,
                                     f"{match.group(1)}: {', '.join(sorted(banned))} says nothing",
                                     clean.count("\n", 0, match.start()) + 1))
    return found


def banned_calls(tree):
    found = []
    for path in tree.paths(".h", ".cc"):
        if path in BANNED_CALLS_ALLOWED:
            continue
        clean = cpp.bare(tree.text(path))
        for pattern, why in BANNED_CALLS.items():
            for match in re.finditer(pattern, clean):
                found.append(Finding("banned_calls", path, f"{match.group(0).strip()}: {why}",
                                     clean.count("\n", 0, match.start()) + 1))
    return found


def todo_form(tree):
    word = "TO" + "DO"
    return [Finding("todo_form", path, f"write {word}(#number): with an issue", number)
            for path in tree.paths(*CODE, ".fbs", "dev", ".txt")
            for number, line in enumerate(tree.lines(path), 1)
            if re.search(rf"\b({word}|FIX" + "ME)", line)
            and not re.search(rf"{word}\(#\d+\):", line)]


def host_paths(tree):
    return [Finding("host_paths", path, "a path of one machine", number)
            for path in tree.paths(*CODE, ".md", ".toml", ".fbs", "CMakeLists.txt")
            for number, line in enumerate(tree.lines(path), 1) if HOST_PATHS.search(line)]


def header_comments(tree):
    found = []
    for path in tree.paths(".h", under=SOURCE_FOLDERS):
        if not tree.text(path).startswith("//"):
            found.append(Finding("header_comments", path,
                                 "says what it is, what it guarantees, which thread calls", 1))
        if not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            found.append(Finding("header_comments", path, "has no #pragma once", 1))
    return found


def headings(text):
    """(line, level) of the headings outside code fences."""
    found = []
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        match = re.match(r"(#+) ", line)
        if match and not fenced:
            found.append((number, len(match.group(1))))
    return found


def one_title(tree):
    found = []
    for path in tree.paths(".md"):
        titles = [line for line, level in headings(tree.text(path)) if level == 1]
        if len(titles) != 1 or titles[0] != 1:
            found.append(Finding("one_title", path, "one # title, on the first line"))
    return found


def references(tree):
    """Links and files that Markdown names exist."""
    found = []
    for path in tree.paths(".md"):
        folder = os.path.dirname(path)
        for number, line in enumerate(tree.lines(path), 1):
            for target in re.findall(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)", line):
                if not names_something(tree, os.path.normpath(os.path.join(folder, target))):
                    found.append(Finding("references", path, f"links to {target}: not there",
                                         number))
            for name in re.findall(r"`([a-z_]+(?:/[\w.-]+)+\.(?:h|cc|fbs|md|txt|py))`", line):
                if not names_something(tree, name) and not names_something(
                        tree, os.path.normpath(os.path.join(folder, name))):
                    found.append(Finding("references", path, f"names {name}: not there", number))
    return found


def names_something(tree, name):
    return name in tree or name in ("LICENSE", ".clang-format", ".clang-tidy", "dev") or any(
        path.startswith(name.rstrip("/") + "/") for path in tree.texts)
