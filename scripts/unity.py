#!/usr/bin/env python3
"""Which .cpp files can be compiled together as one: of a room, and declaring no name twice.

usage: scripts/unity.py FILE...       prints a line for each group: its files

The sanitizer builds (cmake/rooms.cmake) and scripts/tidy compile such groups, since most of a file's cost is the headers
that it shares with its neighbours. Files of a group also use the same namespaces, so that names stay unambiguous.
Only lines that begin at the margin are looked at, which is where our formatter puts what a namespace declares. A name that
is overlooked ends in a compiler's "redefinition of", a name too many in one group more; neither can hide a fault.
"""
import functools
import pathlib
import re
import sys

LARGEST = 12  # files; what a processor compiles in some ten seconds
INCLUDES = re.compile(r'#include "([^"]+)"')
USES = re.compile(r"using namespace ([\w:]+);")
OTHER = re.compile(r"namespace\b|using [\w:]+;|template\b|TEST_CASE|[ }#/*)]")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union|using)\s+(\w+)\b(?!.*\()")
FUNCTION = re.compile(r"[^=;(]*?(?<![:\w])(operator\S+|\w+)\(")
VARIABLE = re.compile(r"[^(=]*?(?<![:\w])(\w+)(?:\[\w*\])?\s*[={]")



class File:
    """What a file adds to its group: the names that it declares for itself, those that it sees besides (its room's
    headers declare them), and the namespaces that it uses.
    """

    def __init__(self, path):
        declared, unnamed, self.used, included = read(path)
        self.seen = seen(pathlib.Path(path).parent, included)
        self.own = declared - self.seen | unnamed  # what an unnamed namespace has hides an overload outside of it
        self.all = declared | self.seen

    def stands_beside(self, other):
        return self.used == other.used and not self.own & other.all and not self.all & other.own


def read(path):
    """The names declared at the margin, those of them in an unnamed namespace, the namespaces used, the headers included."""
    names, unnamed, used, included = set(), set(), set(), set()
    is_unnamed = False
    for line in pathlib.Path(path).read_text().splitlines():
        if line in ("namespace {", "}  // namespace"):
            is_unnamed = line == "namespace {"
        elif using := USES.match(line):
            used.add(using[1])
        elif header := INCLUDES.match(line):
            included.add(header[1])
        elif line and not OTHER.match(line):
            if found := TYPE.match(line) or FUNCTION.match(line) or VARIABLE.match(line):
                names.add(found[1])
                if is_unnamed:
                    unnamed.add(found[1])
    return names, unnamed, used, included


def seen(folder, included):
    """The names that these headers, and those that they include, declare, as far as they are of this folder's room."""
    names, waiting, done = set(), list(included), set()
    while waiting:
        header = waiting.pop()
        room, _, name = header.partition("/")
        if header in done or room != folder.name:
            continue
        done.add(header)
        found, _, _, more = read_header(folder / name)
        names |= found
        waiting += more
    return names


read_header = functools.cache(read)


def groups(paths):
    """The files in groups of at most LARGEST, each as early as its names allow."""
    made = []
    for path in paths:
        file = File(path)
        for files, members in made:
            if len(files) < LARGEST and all(file.stands_beside(member) for member in members):
                files.append(path)
                members.append(file)
                break
        else:
            made.append(([path], [file]))
    return [files for files, _ in made]


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        sys.exit(0 if sys.argv[1:] == ["--help"] else 2)
    for group in groups(sys.argv[1:]):
        print(";".join(group))
