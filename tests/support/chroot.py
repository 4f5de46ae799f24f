"""A machine of its own for a test: a minimal Debian of the release that is shipped for, in a folder.

    roots = Roots(cache)                      # downloads once what cache does not hold yet
    with roots.fresh("app") as root:          # unpacked, with /proc and /dev; gone afterwards
        root.run(["apt-get", "update"])

Only as root. Processes in it see the network of this machine. Of the system's own Python.
"""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

SUITE = "bookworm"
# What Debian's container images have and a minimal Debian has not.
ALSO = "ca-certificates"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


class Failed(Exception):
    """A command that failed, with the end of what it said."""


def run(argv, **options):
    done = subprocess.run(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        **options,
    )
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-15:])
        raise Failed(f"{' '.join(map(str, argv))} ended with {done.returncode}:\n{end}")
    return done.stdout


def apt_sources():
    """The release from where this machine's own apt gets Debian."""
    text = "".join(
        path.read_text() for path in pathlib.Path("/etc/apt").rglob("*.*") if path.suffix in (".list", ".sources")
    )
    text = re.sub(r"^#.*", "", text, flags=re.MULTILINE)
    found = re.findall(r"https?://[^\s\]]+/debian(?:-security)?/?(?=\s|$)", text)
    main = next((uri for uri in found if "security" not in uri), "http://deb.debian.org/debian")
    security = next((uri for uri in found if "security" in uri), "http://deb.debian.org/debian-security")
    return [f"deb {main} {SUITE} main", f"deb {main} {SUITE}-updates main", f"deb {security} {SUITE}-security main"]


def apt_options():
    """How this machine's own apt gets there: proxies, and whether dates are checked."""
    return re.findall(
        r'^(Acquire::(?:https?::Proxy|Check-Date|Check-Valid-Until) ".*";)$',
        run(["apt-config", "dump"]),
        flags=re.MULTILINE,
    )


class Root:
    """A Debian in a folder."""

    def __init__(self, path, debs):
        self.path = path
        self._debs = debs

    def file(self, inside):
        return self.path / str(inside).lstrip("/")

    def write(self, inside, text, mode=0o644):
        path = self.file(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def argv(self, argv, user=None, folder="/", environment=None):
        """The command line that runs this in there, with no more in its environment than a container has."""
        there = {**ENVIRONMENT, **(environment or {})}
        chroot = ["chroot"] + ([f"--userspec={user}"] if user else []) + [str(self.path)]
        return chroot + ["/usr/bin/env", "-i", "-C", folder] + [f"{key}={value}" for key, value in there.items()] + argv

    def run(self, argv, **where):
        return run(self.argv(argv, **where))

    def mount(self):
        """Mounts /proc, /dev, and the packages that were downloaded before."""
        for folder in ("proc", "dev", "var/cache/apt/archives"):
            self.file(folder).mkdir(parents=True, exist_ok=True)
        run(["mount", "-t", "proc", "proc", self.file("proc")])
        run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self.file("dev")])
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            run(["cp", "-a", f"/dev/{name}", self.file("dev")])
        for name, to in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
            self.file(f"dev/{name}").symlink_to(to)
        if self._debs:
            run(["mount", "--bind", self._debs, self.file("var/cache/apt/archives")])

    def share_compiler_cache(self, source):
        """What this machine's ccache has compiled, if it has one, is not compiled again in there; what a build in the folder
        source needs in its environment for that. The compiler is called by the name that the other builds give it."""
        if not shutil.which("ccache"):
            return {}
        self.run(["apt-get", "install", "-y", "--no-install-recommends", "ccache"])
        self.file("ccache").mkdir()
        run(["mount", "--bind", run(["ccache", "--get-config", "cache_dir"]).strip(), self.file("ccache")])
        return {"CCACHE_DIR": "/ccache", "CCACHE_BASEDIR": source, "CCACHE_NOHASHDIR": "1", "CXX": "g++"}

    def unmount(self):
        with open("/proc/mounts", encoding="utf-8") as mounts:
            points = [line.split()[1] for line in mounts if line.split()[1].startswith(f"{self.path}/")]
        for point in sorted(points, reverse=True):
            subprocess.run(["umount", "-l", point], check=False)


class Roots:
    """Makes them from a tarball in the folder cache, which also keeps the packages that are installed in them."""

    def __init__(self, cache):
        self.cache = pathlib.Path(cache).resolve()
        self.debs = self.cache / "debs"
        (self.debs / "partial").mkdir(parents=True, exist_ok=True)
        self._tarball = self.cache / f"{SUITE}.tar"

    def _make_tarball(self):
        new = self.cache / f"{SUITE}-new.tar"
        options = [word for option in apt_options() for word in ("--aptopt", option)]
        run(
            [
                "mmdebstrap",
                "--mode=root",
                "--variant=minbase",
                f"--include={ALSO}",
                *options,
                SUITE,
                new,
                *apt_sources(),
            ]
        )
        new.rename(self._tarball)

    @contextlib.contextmanager
    def fresh(self, name):
        if not self._tarball.exists():
            self._make_tarball()
        path = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}.", dir=self.cache))
        path.chmod(0o755)
        root = Root(path, self.debs)
        try:
            run(["tar", "-C", path, "-xpf", self._tarball])
            root.write("etc/apt/sources.list", "".join(f"{line}\n" for line in apt_sources()))
            root.write(
                "etc/apt/apt.conf.d/99test",
                "\n".join(
                    [
                        *apt_options(),
                        'Binary::apt-get::APT::Keep-Downloaded-Packages "true";',
                        'APT::Keep-Downloaded-Packages "true";',
                        'APT::Sandbox::User "root";',
                        'Acquire::Languages "none";',
                        "",
                    ]
                ),
            )
            shutil.copy("/etc/resolv.conf", root.file("etc/resolv.conf"))
            # As in Debian's container images: what is installed starts no service.
            root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
            root.mount()
            yield root
        finally:
            root.unmount()
            run(["rm", "-rf", "--one-file-system", path])


def make_package(build, folder):
    """The Debian package of a finished build; its path."""
    run(["ninja", "-C", build, "emporia2mqtt", "compress"])
    run(["cpack", "-G", "DEB", "-B", folder], cwd=build)
    return next(pathlib.Path(folder).glob("*.deb"))


def alone(argv):
    """Runs a script of Python's with a network, mounts and processes of its own, so that nothing outlives it; its
    status."""
    own = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "/usr/bin/python3", "-B"]
    return subprocess.run(own + argv, check=False).returncode


def need_root():
    if os.geteuid() != 0:
        raise SystemExit("FAILED: only root can make a Debian in a folder: run it with sudo\n0 passed, 1 failed")
