# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# For the tests of the packages, which source it after deploy/lib/packages.sh and report.sh: clean minimal Debians, each unpacked from a base that is
# fetched once, and what is mounted in them.

# Where bases and downloaded packages are kept between runs; whoever sources this sets it.
cache=""
roots=()

# source_lines SUITE ARCHITECTURE: apt's sources. Security updates only for this machine's own architecture: those of
# another may be of another day, and then packages do not fit each other.
source_lines() {
  local mirror security
  mirror=$(debian_mirror debian)
  security=$(debian_mirror debian-security)
  echo "deb ${mirror:-http://deb.debian.org/debian} $1 main"
  [ "$2" = "$(dpkg --print-architecture)" ] || return 0
  echo "deb ${mirror:-http://deb.debian.org/debian} $1-updates main"
  echo "deb ${security:-http://deb.debian.org/debian-security} $1-security main"
}

# make_base SUITE ARCHITECTURE PACKAGE...: the path of the base, which is fetched if it is not there yet.
make_base() {
  local suite=$1 arch=$2 base
  shift 2
  base=$cache/base-$suite-$arch-$(printf '%s\n' "$@" | cksum | cut -d ' ' -f 1).tar
  if [ ! -s "$base" ]; then
    source_lines "$suite" "$arch" | mmdebstrap --format=tar --mode=root --variant=minbase --architectures="$arch" \
      --aptopt='Acquire::Languages "none"' --include="$(IFS=,; echo "$*")" "$suite" "$base.new" - \
      >"$base.log" 2>&1 || { tail -n 20 "$base.log" >&2; return 1; }
    mv "$base.new" "$base"
  fi
  echo "$base"
}

# unpack_root BASE SUITE ARCHITECTURE: a new root in $root, removed at the end.
unpack_root() {
  root=$(mktemp -d "$work/root.XXXXXX")
  roots+=("$root")
  chmod 755 "$root"
  tar -C "$root" -xpf "$1"
  source_lines "$2" "$3" >"$root/etc/apt/sources.list"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  cp -L /etc/hosts "$root/etc/hosts"
  # The sandboxed user of apt cannot read a package in a folder of root's.
  cat >"$root/etc/apt/apt.conf.d/99test" <<'APT'
Acquire::Languages "none";
APT::Keep-Downloaded-Packages "true";
Binary::apt::APT::Keep-Downloaded-Packages "true";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT
  mkdir -p "$cache/debs-$2-$3"
  find "$cache/debs-$2-$3" -maxdepth 1 -name '*.deb' -exec cp -t "$root/var/cache/apt/archives/" {} +
}

# keep_debs SUITE ARCHITECTURE: what was downloaded into $root need not be downloaded again.
keep_debs() {
  find "$root/var/cache/apt/archives" -maxdepth 1 -name '*.deb' -exec cp -nt "$cache/debs-$1-$2/" {} +
}

mount_root() {
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  local name
  for name in null zero full random urandom tty; do cp -a "/dev/$name" "$root/dev/"; done
  mkdir -p "$root/dev/shm"
  mount -t tmpfs tmpfs "$root/dev/shm"
  ln -s /proc/self/fd "$root/dev/fd"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
}

# within COMMAND...: in $root, with a bare environment.
within() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
    DEBIAN_FRONTEND=noninteractive "$@"
}

# Ends what still runs in the roots, and takes them away.
remove_roots() {
  local one pid
  for one in "${roots[@]}"; do
    for pid in $(find /proc -maxdepth 2 -name root -lname "$one*" 2>/dev/null | cut -d / -f 3); do
      kill -KILL "$pid" 2>/dev/null || true
    done
    awk -v at="$one/" 'index($2, at) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do
      umount -l "$mounted"
    done
    rm -rf --one-file-system "$one"
  done
}

# begin FOLDER: what is downloaded is kept in it, and a folder for this run, $work, is made, which goes with everything
# that was started.
begin() {
  cache=$1
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/run.XXXXXX")
  trap finish EXIT
  trap 'exit 130' INT TERM HUP
}

finish() {
  # Once begun, tidying up is not interrupted.
  trap '' INT TERM HUP
  progress_stop
  power_off
  stop_peers
  remove_roots
  rm -rf "$work"
}
