#!/usr/bin/env python3
"""Which .cpp files can be compiled together as one, and the file that does it.

usage: scripts/unity.py FOLDER FILE...       writes a file for each group into FOLDER; prints what there is to compile

The sanitizer builds (cmake/rooms.cmake) and scripts/tidy compile such groups, since most of a file's cost is the headers
that it shares with its neighbours. A group is of one room. A test that stands in no namespace of ours is put into one of its
own there, and so may have a `Row` as the others have. The rest of a group uses the same namespaces, so that names stay
unambiguous, and declares no name twice.
Only lines that begin at the margin are looked at, which is where our formatter puts what a namespace declares. A name that
is overlooked ends in a compiler's error, a name too many in one group more; neither can hide a fault.
"""
import functools
import pathlib
import re
import sys

LARGEST = 12  # files; what a processor compiles in some ten seconds
INCLUDES = re.compile(r'#include "([^"]+)"')
USES = re.compile(r"using namespace ([\w:]+);")
BORROWS = re.compile(r"using [\w:]+::(\w+);")
OTHER = re.compile(r"namespace\b|using [\w:]+;|template\b|TEST_CASE|[ }#/*)]")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union|using)\s+(\w+)\b(?!.*\()")
FUNCTION = re.compile(r"[^=;(]*?(?<![:\w])(operator\S+|\w+)\(")
VARIABLE = re.compile(r"[^(=]*?(?<![:\w])(\w+)(?:\[\w*\])?\s*[={]")
OF_A_TEST = re.compile(r"_(test|fuzz)\.cpp$")
IN_A_NAMESPACE = re.compile(r"^(namespace \w[\w:]* {|template <>)", re.M)
ENTRY = "LLVMFuzzerTestOneInput"  # of every fuzz target


class File:
    """What a file adds to its group: the names that it declares for itself, those that it sees besides (its room's
    headers declare them), those that it borrows from another namespace, and the namespaces that it uses.
    """

    def __init__(self, path):
        self.path = path
        text = pathlib.Path(path).read_text()
        declared, unnamed, self.used, included = read(text)
        self.seen = seen(pathlib.Path(path).parent, included)
        self.borrowed = {name for line in text.splitlines() for name in BORROWS.findall(line)}
        self.own = declared - self.seen | unnamed  # what an unnamed namespace has hides an overload outside of it
        self.all = declared | self.seen
        self.includes = [line for line in text.splitlines() if line.startswith("#include ")]
        self.may_be_wrapped = bool(OF_A_TEST.search(str(path))) and not IN_A_NAMESPACE.search(text)

    def stands_beside(self, other):
        if self.may_be_wrapped or other.may_be_wrapped:
            return self.may_be_wrapped and other.may_be_wrapped
        return (self.used == other.used and not self.own & other.all and not self.all & other.own
                and not self.borrowed & other.all and not self.all & other.borrowed)


def read(text):
    """The names declared at the margin, those of them in an unnamed namespace, the namespaces used, the headers included."""
    names, unnamed, used, included = set(), set(), set(), set()
    is_unnamed = False
    for line in text.splitlines():
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


@functools.cache
def read_header(path):
    return read(path.read_text())


def groups(paths):
    """The files in groups of at most LARGEST, each as early as its names allow."""
    made = []
    for file in map(File, paths):
        for members in made:
            if len(members) < LARGEST and all(file.stands_beside(member) for member in members):
                members.append(file)
                break
        else:
            made.append([file])
    return made


def text_of(members):
    """One file that includes them all. Their headers come first, so that none stands in the namespace of a test."""
    lines = list(dict.fromkeys(line for file in members for line in file.includes))
    for number, file in enumerate(members):
        include = f'#include "{file.path}"  // NOLINT(bugprone-suspicious-include)'
        if file.may_be_wrapped:
            entry = f"{ENTRY}Of{number}"
            lines += [f"#define {ENTRY} {entry}", f"namespace unity{number} {{", include, "}", f"#undef {ENTRY}"]
        else:
            lines.append(include)
    return "".join(line + "\n" for line in lines)


def write(path, text):
    """A file that is as it was is not compiled again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main(words):
    if len(words) < 2 or words[0].startswith("-"):
        print(__doc__)
        return 0 if words == ["--help"] else 2
    folder = pathlib.Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, members in enumerate(groups(words[1:])):
        if len(members) == 1:
            made.append(members[0].path)
            continue
        path = folder / f"unity_{number}.cpp"
        write(path, text_of(members))
        made.append(str(path))
    print(";".join(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
