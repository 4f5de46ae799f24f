# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# For the tests of the packages, which source it after roots.sh: a whole Debian with its own systemd, booted in $root by
# systemd-nspawn. It shares this machine's network, so that what listens on the loopback here is reached from there.

nspawn_pid=""

# can_boot: whether this machine lets us start a container at all; otherwise says what is missing.
can_boot() {
  if [ "$(id -u)" -ne 0 ]; then echo "needs root"; return 1; fi
  if ! unshare --mount --pid --fork --uts --ipc -- mount -t tmpfs tmpfs /mnt 2>/dev/null; then
    echo "this machine allows no namespaces and mounts, as in a container without such rights"
    return 1
  fi
}

# boot: until its systemd has started everything.
boot() {
  # A container's systemd of today wants the unified hierarchy of control groups, also where this machine has the old one.
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=${1:-0} systemd-nspawn --quiet --directory="$root" --register=no --keep-unit \
    --machine="e2m-test-$$" --resolv-conf=off --boot </dev/null >"$work/console.log" 2>&1 &
  nspawn_pid=$!
  if ! wait_until 60 has_started; then
    tail -n 15 "$work/console.log"
    return 1
  fi
}

has_started() {
  kill -0 "$nspawn_pid" 2>/dev/null || return 0
  # Its only child is the machine's first process.
  local leader
  read -r leader _ <"/proc/$nspawn_pid/task/$nspawn_pid/children" || [ -n "$leader" ] || return 1
  echo "$leader" >"$work/leader"
  [[ "$(inside systemctl is-system-running)" =~ ^(running|degraded)$ ]]
}

# inside COMMAND...: as root in the booted machine.
inside() {
  nsenter --target "$(cat "$work/leader")" --all --root --wd -- /usr/bin/env -i HOME=/root \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive "$@"
}

# unit_property NAME: of the bridge's unit.
unit_property() {
  inside systemctl show --value --property="$1" emporia2mqtt.service
}

# unit_is ACTIVE-STATE
unit_is() {
  same "$1" "$(unit_property ActiveState)" "state of the service"
}

# journal_since CURSOR-FILE / journal_mark CURSOR-FILE: what the service and systemd said of it since the mark.
journal_mark() {
  inside journalctl --quiet --lines=1 --show-cursor --output=cat | sed -n 's/^-- cursor: //p' >"$work/$1"
}
journal_since() {
  inside journalctl --quiet -u emporia2mqtt --output=cat --after-cursor="$(cat "$work/$1")"
}
# journal_has CURSOR-FILE PATTERN
journal_has() {
  journal_since "$1" >"$work/journal.txt"
  grep -qE -- "$2" "$work/journal.txt" || { printf 'the journal does not say "%s":\n' "$2"; tail -n 8 "$work/journal.txt"; return 1; }
}

power_off() {
  [ -n "$nspawn_pid" ] || return 0
  local tries
  inside systemctl poweroff >/dev/null 2>&1 || true
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$nspawn_pid" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$nspawn_pid" 2>/dev/null; then
    kill -KILL "$(cat "$work/leader" 2>/dev/null)" 2>/dev/null || true
    kill -KILL "$nspawn_pid" 2>/dev/null || true
  fi
  wait "$nspawn_pid" 2>/dev/null || true
  nspawn_pid=""
}
