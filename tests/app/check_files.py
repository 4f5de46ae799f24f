#!/usr/bin/python3 -B
"""Holds the files of the Home Assistant app against each other and against what the Supervisor accepts.

check_files.py SOURCE_DIR

The rules are those of the Supervisor's supervisor/apps/validate.py and options.py of August 2026, in our own words.
"""
import pathlib
import re
import struct
import subprocess
import sys

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from report import Report, expect, expect_equal  # noqa: E402

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
APP = ROOT / "deploy/homeassistant"
CONFIG = yaml.safe_load((APP / "config.yaml").read_text())
TRANSLATIONS = {path.stem: yaml.safe_load(path.read_text()) for path in (APP / "translations").glob("*.yaml")}

# The keys that are used here, and what the Supervisor wants of their values. Unknown ones are dropped without a word.
KEYS = {
    "name": str,
    "version": str,
    "slug": str,
    "description": str,
    "arch": list,
    "homeassistant": str,
    "startup": ("initialize", "system", "services", "application", "once"),
    "boot": ("auto", "manual", "manual_only"),
    "init": bool,
    "timeout": range(10, 301),
    "services": list,
    "homeassistant_api": bool,
    "map": list,
    "ports": dict,
    "backup": ("hot", "cold"),
    "apparmor": bool,
    "options": dict,
    "schema": dict,
}
ELEMENT = re.compile(
    r"(bool|email|url|port|str|password|int(\(\d*,\d*\))?|float(\([\d.]*,[\d.]*\))?|match\(.*\)" r"|list\(.+\))(\??)"
)


def leaves(schema, path=()):
    """Every option with its path; (type, in a list?)."""
    for key, kind in schema.items():
        listed = isinstance(kind, list)
        one = kind[0] if listed else kind
        if isinstance(one, dict):
            yield from leaves(one, path + (key,))
        else:
            yield path + (key,), one, listed


def config_keys():
    for key, value in CONFIG.items():
        expect(key in KEYS, f"{key} is no key that is known here")
        wanted = KEYS[key]
        if isinstance(wanted, type):
            expect(isinstance(value, wanted), f"{key} is {value!r}")
        else:
            expect(value in wanted, f"{key} is {value!r}")
    for key in ("name", "version", "slug", "description", "arch"):
        expect(key in CONFIG, f"{key} is missing")
    expect(set(CONFIG["arch"]) <= {"aarch64", "amd64"}, "an architecture that is no more supported")
    expect(CONFIG["init"] is False, "the base image's init needs init: false")
    expect_equal(CONFIG["services"], ["mqtt:want"], "services")
    for volume in CONFIG["map"]:
        expect(set(volume) <= {"type", "read_only", "path"} and "type" in volume, f"map: {volume}")


def schema_types():
    for path, kind, _ in leaves(CONFIG["schema"]):
        match = ELEMENT.fullmatch(kind)
        expect(match, f"{'.'.join(path)}: {kind} is no type; lengths of str and password fail on older Supervisors")
        if kind.startswith("match("):
            re.compile(kind[len("match(") : kind.rindex(")")])


def check_given(value, kind, path):
    """As the Supervisor checks options: what is a map has all its keys unless they end with a question mark."""
    if isinstance(kind, list):
        expect(isinstance(value, list), f"{path} is no list")
        for one in value:
            check_given(one, kind[0], path)
    elif isinstance(kind, dict):
        expect(isinstance(value, dict), f"{path} is no map")
        for key, one in value.items():
            check_given(one, kind[key], f"{path}.{key}")
        for key, one in kind.items():
            first = one[0] if isinstance(one, list) else one
            optional = isinstance(first, str) and first.endswith("?")
            expect(key in value or optional, f"the Supervisor misses the option {path}.{key}: it needs a default")
    else:
        expect(value is not None, f"{path} has no value")


def options_and_schema():
    options, schema = CONFIG["options"], CONFIG["schema"]
    expect(set(options) <= set(schema), "a default without a schema")
    for key, value in options.items():
        kind = schema[key]
        if isinstance(kind, str):
            expect(not kind.endswith("?"), f"{key} is optional, so a default makes it required")
            if kind.startswith("list("):
                expect(value in kind[len("list(") : -1].split("|"), f"{key}: {value} is none of {kind}")
    # What a person has filled in who filled in no more than is asked for.
    expect_equal(
        [key for key, value in options.items() if value is None], ["email", "password"], "what must be filled in"
    )
    check_given({**options, "email": "a@example.com", "password": "x"}, schema, "options")


def translated():
    expect("en" in TRANSLATIONS, "no English")
    for language, texts in TRANSLATIONS.items():
        expect(set(texts) == {"configuration", "network"}, f"{language}: {sorted(texts)}")
        compare(texts["configuration"], CONFIG["schema"], language)
        expect_equal(set(texts["network"]), set(CONFIG["ports"]), f"{language}: the ports")


def compare(texts, schema, where):
    expect_equal(sorted(texts), sorted(schema), f"{where}: the options with a text")
    for key, kind in schema.items():
        text = texts[key]
        first = kind[0] if isinstance(kind, list) else kind
        for part in ("name", "description"):
            expect(isinstance(text.get(part), str) and text[part].strip(), f"{where}: {key} has no {part}")
        if isinstance(first, dict):
            compare(text.get("fields", {}), first, f"{where}: {key}")
        else:
            expect("fields" not in text, f"{where}: {key} has no fields")


def versions():
    project = re.search(r"project\(emporia2mqtt VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    expect_equal(CONFIG["version"], project, "config.yaml's version")
    expect_equal(re.search(r"^## (\S+)", (APP / "CHANGELOG.md").read_text(), re.MULTILINE)[1], project, "CHANGELOG.md")
    expect_equal(re.search(r"BUILD_VERSION=(\S+)", (APP / "Dockerfile").read_text())[1], project, "the Dockerfile")


def pictures():
    for name, fits in (("icon.png", lambda w, h: w == h), ("logo.png", lambda w, h: w > h)):
        head = (APP / name).read_bytes()[:24]
        expect(head[:8] == b"\x89PNG\r\n\x1a\n", f"{name} is no PNG")
        width, height = struct.unpack(">II", head[16:24])
        expect(fits(width, height) and 64 <= width <= 1000, f"{name} is {width} x {height}")


def repository():
    told = yaml.safe_load((ROOT / "repository.yaml").read_text())
    expect(isinstance(told.get("name"), str), "repository.yaml has no name")
    expect(set(told) <= {"name", "url", "maintainer"}, f"repository.yaml: {sorted(told)}")
    # The Supervisor takes every config.yaml of a repository for an app.
    files = subprocess.run(
        [
            "find",
            ".",
            "-path",
            "./build*",
            "-prune",
            "-o",
            "-name",
            "config.y*ml",
            "-print",
            "-o",
            "-name",
            "config.json",
            "-print",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    expect_equal(files.stdout.split(), ["./deploy/homeassistant/config.yaml"], "files that look like an app")


def scripts():
    services = APP / "rootfs/etc/services.d/emporia2mqtt"
    for path in (services / "run", services / "finish", APP / "rootfs/usr/bin/emporia2mqtt-configure"):
        expect(path.stat().st_mode & 0o111, f"{path.name} is not executable")
    wait_ms = int((services / "timeout-finish").read_text())
    pause_s = int(re.search(r"sleep (\d+)", (services / "finish").read_text())[1])
    expect(wait_ms > pause_s * 1000, "finish is killed in its pause")
    grace_ms = int(re.search(r"S6_SERVICES_GRACETIME=(\d+)", (APP / "Dockerfile").read_text())[1])
    expect(5000 < grace_ms < CONFIG["timeout"] * 1000 - 5000, "the bridge is killed before it may have ended")


def documented():
    docs = (APP / "DOCS.md").read_text()
    for path, _, _ in leaves(CONFIG["schema"]):
        name = TRANSLATIONS["en"]["configuration"][path[0]]["name"]
        expect(f"*{name}*" in docs or f"`{path[0]}`" in docs, f"DOCS.md says nothing of {'.'.join(path)} ({name})")


def apparmor():
    done = subprocess.run(
        ["apparmor_parser", "--skip-kernel-load", "--skip-cache", APP / "apparmor.txt"],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "Cache read/write disabled" not in line]
    expect(done.returncode == 0 and not complaints, "\n".join(complaints) or "apparmor_parser fails")
    expect(f"profile {CONFIG['slug']} " in (APP / "apparmor.txt").read_text(), "the profile bears another name")


def main():
    report = Report()
    for name, body in (
        ("config.yaml has the keys and values that the Supervisor knows", config_keys),
        ("the schema has types that every Supervisor knows", schema_types),
        ("defaults and schema agree, and e-mail and password are all that has to be filled in", options_and_schema),
        ("every option and port has its text, and no text is left over", translated),
        ("every option stands in DOCS.md", documented),
        ("the version is the project's everywhere", versions),
        ("icon and logo are pictures of the right form", pictures),
        ("repository.yaml, and one app in the repository", repository),
        ("the service's files fit each other and the time that the Supervisor gives", scripts),
        ("apparmor_parser takes the profile", apparmor),
    ):
        report.test(name, body)
    report.end()


if __name__ == "__main__":
    main()
