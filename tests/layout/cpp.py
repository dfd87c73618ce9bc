"""C++ as far as the layout rules need it: text without comments and strings, and functions."""

import re

TOKEN = re.compile(
    r'R"(?P<raw>[^(\s]*)\(.*?\)(?P=raw)"'
    r"|//[^\n]*"
    r"|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.DOTALL)
TYPE_WORDS = re.compile(r"\b(class|struct|union|enum)\b")


def bare(text):
    """The text with comments, strings and preprocessor lines blanked; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        kept = "".join("\n" if char == "\n" else " " for char in found)
        return kept if found.startswith("/") else '"' + kept[1:-1] + '"'
    text = TOKEN.sub(blank, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.MULTILINE)


def kind_of(head, enclosing, closed):
    """What an opening brace opens, by the text before it."""
    if "namespace" in head or 'extern ""' in head:
        return "namespace"
    if enclosing in ("namespace", "type"):
        if closed == "function" and (not head or head.startswith(",")):
            return "function"  # the body after a constructor's member{initialisers}
        if "(" in head and not re.search(r"=\s*$", head):
            return "function"
        if TYPE_WORDS.search(head):
            return "type"
    return "block"


def functions(text):
    """(first line, last line) of each function body's definition, with its head."""
    found = []
    stack = []
    head_start = 0
    closed = None
    clean = bare(text)
    for at, char in enumerate(clean):
        if char == "{":
            head = clean[head_start:at].strip()
            enclosing = stack[-1][0] if stack else "namespace"
            first = clean.count("\n", 0, at - len(clean[head_start:at].lstrip())) + 1
            stack.append((kind_of(head, enclosing, closed), first))
        elif char == "}" and stack:
            closed, first = stack.pop()
            if closed == "function":
                found.append((first, clean.count("\n", 0, at) + 1))
        if char in "{};" or (char == ":" and clean[head_start:at].strip() in
                             ("public", "private", "protected")):
            head_start = at + 1
        if char in "{;":
            closed = None
    return found


def includes(text):
    """(line, name, quoted) of each #include."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            found.append((number, match.group(2), match.group(1) == '"'))
    return found
