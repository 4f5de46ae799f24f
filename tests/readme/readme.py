"""What README's text holds: its commands, and the paths of this source that it names."""
import re

PROGRAMS = "apt|systemctl|journalctl|docker|emporia2mqtt|man|source|curl"
INLINE = re.compile(rf"^(?:sudo \S|\./\S+ |(?:{PROGRAMS}) \S)")
# What a person writes, or what is made.
NOT_OF_THE_SOURCE = re.compile(r"^(deploy/container/(emporia2mqtt\.toml|partner-password)$|build)")


def sections(text):
    """(title, lines) of each section; the lines of blocks keep their fences."""
    title, lines, fenced = "", [], False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if line.startswith("## ") and not fenced:
            yield title, lines
            title, lines = line[3:].strip(), []
        else:
            lines.append(line)
    yield title, lines


def blocks_and_prose(lines):
    """The blocks of commands, which are those that name no language, and everything outside of blocks."""
    blocks, prose, language = [], [], None
    for line in lines:
        if line.startswith("```"):
            language = None if language is not None else line[3:].strip()
            if language in ("", "sh", "bash"):
                blocks.append([])
        elif language in ("", "sh", "bash"):
            blocks[-1].append(line)
        elif language is None:
            prose.append(line)
    return blocks, " ".join(prose)


def commands_of_block(lines):
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [re.sub(r"\s{2,}# .*$", "", line).strip() for line in joined.splitlines() if line.strip()]


def commands(text):
    """(section, command) of each command, in order and each once: every line of a block of commands, and what stands
    between backticks in a sentence and is a command with its arguments."""
    found = []
    for title, lines in sections(text):
        blocks, prose = blocks_and_prose(lines)
        told = [command for block in blocks for command in commands_of_block(block)]
        told += [span for span in re.findall(r"`([^`]+)`", prose) if INLINE.match(span)]
        found += [(title, command) for command in told]
    return list(dict.fromkeys(found))


def paths(text):
    """The paths of this source that README names, between backticks or as links."""
    named = re.findall(r"`(?:\./)?((?:tests|deploy|config|protos)/[\w./-]*)[^`]*`", text)
    named += [to for to in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in to]
    return sorted({path for path in named if not NOT_OF_THE_SOURCE.match(path)})
