# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# The package of a foreign architecture, in a root of its own where qemu runs every program: no systemd can be booted
# there, so the bridge is started by hand as its user. For the tests of the packages, which source it after roots.sh,
# peers.sh, package.sh and story.sh.

# foreign_programs_run ARCHITECTURE: lets the kernel run them; otherwise says what is missing.
foreign_programs_run() {
  local name
  case $1 in arm64) name=qemu-aarch64 ;; armhf) name=qemu-arm ;; *) echo "no qemu is known for $1"; return 1 ;; esac
  [ -e "/proc/sys/fs/binfmt_misc/$name" ] && return 0
  [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc 2>/dev/null || true
  update-binfmts --enable "$name" 2>/dev/null || true
  [ -e "/proc/sys/fs/binfmt_misc/$name" ] || { echo "this machine does not let programs of $1 be registered (binfmt_misc)"; return 1; }
}

# run_by_hand SUITE ARCHITECTURE PACKAGE SIMULATOR
run_by_hand() {
  local reason next base
  if ! reason=$(can_boot && foreign_programs_run "$2"); then
    not_run "$2: the package is installed and runs" "$reason"
    return 0
  fi
  next=$(make_next "$3")
  base=$(make_base "$1" "$2" ca-certificates)
  unpack_root "$base" "$1" "$2"
  mount_root
  start_broker
  start_partner "$4"
  check "$2: installing names the next step" hand_installs "$3"
  check "$2: started without a configuration it ends with 78" hand_unconfigured
  check "$2: doctor finds every step right" hand_doctor
  check "$2: it publishes, and stopped says offline" hand_publishes
  check "$2: an upgrade keeps configuration and counters, and it goes on" hand_upgrades "$next"
  check "$2: a refused password ends it with 77" hand_refused
  check "$2: purged, nothing of it is left" hand_purges
  keep_debs "$1" "$2"
  stop_peers
}

hand_installs() {
  within apt-get -q update
  cp "$1" "$root/root/"
  within apt-get -q -y install "/root/$(basename "$1")" >"$work/install.txt" 2>&1 ||
    { cat "$work/install.txt"; why "apt could not install it"; }
  grep -q '/etc/credstore/emporia_password' "$work/install.txt" || why "it does not name the file of the password"
  same "640 root:emporia2mqtt" "$(within stat -c '%a %U:%G' "$etc")" "$etc"
}

# as_service COMMAND...: as the unit would start it; the password is that of the file $work/password.
as_service() {
  within setpriv --reuid=emporia2mqtt --regid=emporia2mqtt --init-groups \
    env EMPORIA_PASSWORD="$(cat "$work/password")" EMPORIA_MQTT_PASSWORD="$mqtt_password" "$@"
}

# ends_with STATUS COMMAND...
ends_with() {
  local status=0
  "${@:2}" >"$work/said.txt" 2>&1 || status=$?
  [ "$status" -eq "$1" ] || { tail -n 20 "$work/said.txt"; why "ended with $status, expected $1"; }
}

hand_unconfigured() {
  echo "$partner_password" >"$work/password"
  ends_with 78 as_service emporia2mqtt run
  grep -q 'email: still holds the example.s placeholder' "$work/said.txt"
}

hand_doctor() {
  install -m 644 "$work/certificates/ca.pem" "$root/etc/emporia2mqtt/ca.pem"
  configuration "$root$etc" >"$work/configuration"
  cat "$work/configuration" >"$root$etc"
  ends_with 0 as_service emporia2mqtt doctor
}

# hand_runs COMMAND...: starts the bridge, waits until it publishes, runs the command, and stops it as systemd would.
hand_runs() {
  local status=0
  # The shell says as which process it goes on.
  as_service sh -c 'echo "$$" >/tmp/bridge.pid && exec emporia2mqtt run' >"$work/bridge.log" 2>&1 &
  local runner=$!
  if ! { wait_until 120 retained_is emporia/bridge/state online && wait_until 120 retained_is "emporia/$house/availability" online &&
    wait_until 60 retained_has "emporia/$house/state" import_kwh && "$@"; }; then
    tail -n 20 "$work/bridge.log"
    kill -KILL "$(cat "$root/tmp/bridge.pid")"
    return 1
  fi
  kill -TERM "$(cat "$root/tmp/bridge.pid")"
  wait "$runner" || status=$?
  same 0 "$status" "exit status when stopped"
  wait_until 20 retained_is emporia/bridge/state offline
}

hand_counters() {
  as_service emporia2mqtt ledger "$house" --json | read_counters
}

hand_publishes() {
  hand_runs true
  hand_counters >"$work/counters"
}

hand_upgrades() {
  cp "$root$etc" "$work/before"
  cp "$1" "$root/root/"
  within apt-get -q -y -o Dpkg::Options::=--force-confold install "/root/$(basename "$1")"
  cmp "$root$etc" "$work/before"
  same "$(program_of "$1")" "$(sha256sum "$root/usr/bin/emporia2mqtt" | cut -d ' ' -f 1)" "the program"
  hand_runs true
  same_counters "$(cat "$work/counters")" "$(hand_counters)"
}

hand_refused() {
  echo "not this one" >"$work/password"
  ends_with 77 as_service emporia2mqtt run
}

hand_purges() {
  within apt-get -q -y purge emporia2mqtt
  nothing_is_left
}
