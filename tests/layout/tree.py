"""The repository's files as the layout rules see them: relative paths and their text."""

import os
import subprocess

SKIPPED = {".git", "build", "var", "__pycache__"}
SOURCE_FOLDERS = ("base", "events", "statemachine", "scheduler", "commands", "log", "projections",
                  "service", "drivers", "replay", "http", "cli", "daemon")
TEXT_ENDINGS = (".h", ".cc", ".py", ".sh", ".md", ".txt", ".fbs", ".toml", ".cmake", ".json")


class Tree:
    """Paths are relative to the root and use slashes; texts are read once."""

    def __init__(self, texts):
        self.texts = dict(texts)

    @classmethod
    def read(cls, root):
        """All text files below root that are not built, ignored or hidden."""
        ignored = ignored_by_git(root)
        texts = {}
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(one for one in folders
                                if one not in SKIPPED and not one.startswith("."))
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), root)
                if path in ignored or not (name.endswith(TEXT_ENDINGS) or path == "dev"):
                    continue
                with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                    texts[path] = file.read()
        return cls(texts)

    def paths(self, *endings, under=None):
        """Paths with one of these endings, in the given top folders (all when none are given)."""
        return [path for path in self.texts
                if path.endswith(endings) and (under is None or path.split("/")[0] in under)]

    def text(self, path):
        return self.texts[path]

    def lines(self, path):
        return self.texts[path].split("\n")

    def __contains__(self, path):
        return path in self.texts


def ignored_by_git(root):
    """What .gitignore names; nothing outside a checkout."""
    asked = subprocess.run(
        ["git", "-C", root, "ls-files", "--others", "--ignored", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    return set(asked.stdout.split("\n")) if asked.returncode == 0 else set()


class Finding:
    """One broken rule. `size` is what an exception may allow and must not grow."""

    def __init__(self, rule, path, message, line=0, size=0):
        self.rule = rule
        self.path = path
        self.message = message
        self.line = line
        self.size = size

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.rule}: {self.message}"
