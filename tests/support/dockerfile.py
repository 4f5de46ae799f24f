"""Carries out the stages of a Dockerfile in folders that hold a Debian, where no container engine runs.

It knows what the Dockerfiles of this project use and refuses everything else. Images of the release of
support/chroot.py may stand in FROM; what an image has besides is up to the caller. Of the system's own Python.
"""
import json
import pathlib
import re
import shlex
import shutil

import dockerignore

KNOWN_IMAGES = re.compile(r"^(debian:bookworm-slim|ghcr\.io/home-assistant/base-debian:bookworm)$")


class Stage:
    """One FROM and what follows it."""

    def __init__(self, image, name):
        self.image = image
        self.name = name
        self.steps = []


class Image:
    """What a stage says of the container that is made of it."""

    def __init__(self):
        self.environment = {}
        self.user = None
        self.entrypoint = []
        self.command = []
        self.health = None
        self.volumes = []
        self.labels = {}
        self.stop_signal = "SIGTERM"


def read(path):
    """The stages of a Dockerfile; raises ValueError with the line for what it does not know."""
    text = re.sub(r"^\s*#.*\n", "", pathlib.Path(path).read_text(), flags=re.MULTILINE)
    stages = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            if not KNOWN_IMAGES.match(image.strip()):
                raise ValueError(f"{path}: no such image here: {line}")
            stages.append(Stage(image.strip(), name.strip()))
        elif word in STEPS and stages:
            stages[-1].steps.append((word, rest))
        else:
            raise ValueError(f"{path}: not known here: {line}")
    return stages


def expand(text, values):
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: values.get(match[1] or match[2], ""), text)


def pairs(text):
    return dict(word.split("=", 1) for word in shlex.split(text))


class Builder:
    """Carries out a stage in a root. Folders of earlier stages are for COPY --from; environment is what RUN has besides
    the image's."""

    def __init__(self, root, context, arguments=None, earlier=None, environment=None):
        self.root = root
        self.image = Image()
        self._context = pathlib.Path(context)
        self._given = arguments or {}
        self._arguments = {}
        self._earlier = earlier or {}
        self._ignored = dockerignore.of(context)
        self._environment = environment or {}

    def build(self, stage):
        for word, rest in stage.steps:
            STEPS[word](self, rest)
        return self.image

    def _values(self):
        return {**self._arguments, **self.image.environment}

    def _arg(self, rest):
        name, _, default = rest.partition("=")
        self._arguments[name] = self._given.get(name, default)

    def _env(self, rest):
        self.image.environment.update(pairs(expand(rest, self._values())))

    def _run(self, rest):
        self.root.run(
            ["/bin/sh", "-c", rest], user=self.image.user, environment={**self._values(), **self._environment}
        )

    def _copy(self, rest):
        words = rest.split()
        source = self._context
        if words[0].startswith("--from="):
            source = self._earlier[words.pop(0)[len("--from=") :]]
        *names, target = words
        for name in names:
            found = sorted(source.glob(name.lstrip("/"))) if name != "." else [source]
            if not found:
                raise ValueError(f"COPY: there is no {name} in {source}")
            for path in found:
                self._copy_one(source, path, target)

    def _copy_one(self, source, path, target):
        to = self.root.file(target)
        left_out = self._left_out if source == self._context else None
        if path.is_dir():
            # The content of a folder, as in a container; symbolic links like /bin stay what they are.
            shutil.copytree(path, to, symlinks=True, dirs_exist_ok=True, ignore=left_out)
        elif not (left_out and left_out(path.parent, [path.name])):
            to = to / path.name if target.endswith("/") else to
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)

    def _left_out(self, folder, names):
        folder = pathlib.Path(folder)
        inside = folder.relative_to(self._context)
        return [
            name
            for name in names
            if self._ignored(inside / name) and (self._ignored.whole_folders or not (folder / name).is_dir())
        ]

    def _user(self, rest):
        self.image.user = rest

    def _label(self, rest):
        self.image.labels.update(pairs(expand(rest, self._values())))

    def _volume(self, rest):
        self.image.volumes.append(rest)

    def _entrypoint(self, rest):
        self.image.entrypoint = json.loads(rest)

    def _command(self, rest):
        self.image.command = json.loads(rest)

    def _health(self, rest):
        options, _, command = rest.partition("CMD ")
        self.image.health = {"options": pairs(options), "command": json.loads(command)}

    def _stop_signal(self, rest):
        self.image.stop_signal = rest


# pylint: disable=protected-access
STEPS = {
    "ARG": Builder._arg,
    "CMD": Builder._command,
    "COPY": Builder._copy,
    "ENTRYPOINT": Builder._entrypoint,
    "ENV": Builder._env,
    "HEALTHCHECK": Builder._health,
    "LABEL": Builder._label,
    "RUN": Builder._run,
    "STOPSIGNAL": Builder._stop_signal,
    "USER": Builder._user,
    "VOLUME": Builder._volume,
}
