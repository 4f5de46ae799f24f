"""What Docker leaves out of the context of a build: the rules of .dockerignore.

Unlike those of git, a pattern begins at the context's top: "build*" leaves out build-test/, and not deploy/debian/build.
"**" stands for any number of folders, "!" takes back what a line before has left out, and the last line that fits
decides. What is left out with a folder is left out with all it holds.
"""
import pathlib
import posixpath
import re


def as_expression(pattern):
    """A pattern of Go's filepath.Match, and "**"."""
    text, at = "", 0
    while at < len(pattern):
        rest = pattern[at:]
        if rest.startswith("**/"):
            text, at = text + "(?:.*/)?", at + 3
        elif rest.startswith("**"):
            text, at = text + ".*", at + 2
        elif rest[0] == "*":
            text, at = text + "[^/]*", at + 1
        elif rest[0] == "?":
            text, at = text + "[^/]", at + 1
        elif rest[0] == "[" and "]" in rest:
            text, at = text + rest[: rest.index("]") + 1], at + rest.index("]") + 1
        elif rest[0] == "\\" and len(rest) > 1:
            text, at = text + re.escape(rest[1]), at + 2
        else:
            text, at = text + re.escape(rest[0]), at + 1
    return re.compile(f"{text}(?:/.*)?", re.DOTALL)


class Ignored:
    """ignored("deploy/x") is whether that path, seen from the context's top, is left out."""

    def __init__(self, text):
        self._rules = []
        for line in text.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            back = line.strip().startswith("!")
            pattern = posixpath.normpath(line.strip().lstrip("!").strip()).strip("/")
            self._rules.append((as_expression(pattern), back))
        # Without exceptions nothing of a folder that is left out needs to be looked at.
        self.whole_folders = not any(back for _, back in self._rules)

    def __call__(self, path):
        left_out = False
        for expression, back in self._rules:
            if expression.fullmatch(str(path)):
                left_out = not back
        return left_out


def of(context):
    path = pathlib.Path(context) / ".dockerignore"
    return Ignored(path.read_text() if path.exists() else "")
