# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# The life of the installed service, on a machine that machine.sh has booted, against the broker and the service of
# peers.sh: installed, configured, running, hurt, upgraded, removed, purged. For the tests of the packages, which source it
# after those.

etc=/etc/emporia2mqtt/emporia2mqtt.toml
house=F2310A04B4240AC4A1B2C3

# story PACKAGE NEXT: the package, and one of a higher version whose program differs.
story() {
  local package=$1 next=$2
  check "installing without a configuration names the next step and starts nothing" install_first "$package"
  check "the files have the owners and modes they should have" modes_are_right
  check "systemd finds nothing to say about the unit" unit_is_sound
  check "the unit is exposed no more than 1.5" unit_is_hardened
  check "started without a configuration it ends with 78, says why and stays down" unconfigured_start
  check "configured by two files it is ready, as its own user" configured_start
  check "it publishes: state, devices and discovery stand at the broker" publishes
  check "check-config and doctor run by hand with the service's passwords" by_hand
  check "the watchdog is fed" watchdog_fed
  check "a main loop that stands still is found by the watchdog and restarted" watchdog_bites
  check "after SIGKILL it is restarted and its counters go on" survives_kill
  check "systemctl reload reads the configuration again in the same process" reloads
  check "stopped it says offline at the broker and ends with 0" stops
  check "a refused password ends it with 77, for good" refused_password
  check "a wrong configuration ends it with 78, for good" wrong_configuration
  check "an upgrade keeps configuration and state, and the new program runs" upgrades "$package" "$next"
  check "no password is in the journal" no_password_told
  check "removed, configuration, passwords and counters stay" removes
  check "installed again it goes on by itself" installs_again "$next"
  check "purged, nothing of it is left" purges
}

# live_through SUITE PACKAGE SIMULATOR [HIERARCHY]: in a new machine of that suite; HIERARCHY is that of boot.
live_through() {
  local reason next base arch
  arch=$(dpkg --print-architecture)
  if ! reason=$(can_boot); then
    not_run "the life of the service on $1" "$reason"
    return 0
  fi
  if [ ! -x "$3" ]; then
    check "the simulator is built" why "$3 is not there: run tests/run, or build it"
    return 0
  fi
  next=$(make_next "$2")
  base=$(make_base "$1" "$arch" systemd systemd-sysv dbus ca-certificates)
  unpack_root "$base" "$1" "$arch"
  start_broker
  start_partner "$3"
  if boot "${4:-0}" >"$work/boot.log" 2>&1; then
    story "$2" "$next"
    keep_debs "$1" "$arch"
    power_off
  else
    check "a minimal Debian boots" does_not_boot
  fi
  stop_peers
}
does_not_boot() {
  cat "$work/boot.log"
  why "systemd-nspawn did not start it within a minute"
}

# apt_install FILE [OPTION...]: as `apt install ./FILE`.
apt_install() {
  cp "$1" "$root/root/"
  inside apt-get -q -y "${@:2}" install "/root/$(basename "$1")"
}

install_first() {
  inside apt-get -q update
  apt_install "$1" >"$work/install.txt" 2>&1 || { cat "$work/install.txt"; why "apt could not install it"; }
  grep -q "$etc" "$work/install.txt" || why "it does not name the configuration file"
  grep -q '/etc/credstore/emporia_password' "$work/install.txt" || why "it does not name the file of the password"
  grep -q 'systemctl restart emporia2mqtt' "$work/install.txt" || why "it does not say how to start the service"
  unit_is inactive
  same enabled "$(inside systemctl is-enabled emporia2mqtt)" "the unit at the next start of the machine"
}

# mode_is PATH "MODE OWNER:GROUP"
mode_is() {
  same "$2" "$(inside stat -c '%a %U:%G' "$1")" "$1"
}

modes_are_right() {
  mode_is "$etc" "640 root:emporia2mqtt"
  mode_is /etc/credstore "700 root:root"
  mode_is /usr/bin/emporia2mqtt "755 root:root"
  local passwd uid
  passwd=$(inside getent passwd emporia2mqtt)
  uid=$(cut -d : -f 3 <<<"$passwd")
  [ "$uid" -lt 1000 ] || why "the user is not a system user: $passwd"
  [[ $passwd == *:/usr/sbin/nologin || $passwd == *:/bin/false ]] || why "the user can log in: $passwd"
  local file
  for file in /usr/share/man/man1/emporia2mqtt.1.gz /usr/share/bash-completion/completions/emporia2mqtt \
    /usr/share/doc/emporia2mqtt/copyright; do
    [ -s "$root$file" ] || why "$file is not there"
  done
  gzip -dc "$root/usr/share/man/man1/emporia2mqtt.1.gz" | grep -q '^\.TH' || why "the manual page is none"
}

unit_is_sound() {
  # Whether the manual page is there is looked at elsewhere: this machine has no `man`.
  same "" "$(inside systemd-analyze verify --man=no /lib/systemd/system/emporia2mqtt.service 2>&1)" "systemd-analyze verify"
  same 15s "$(unit_property RestartUSec)" RestartSec
  # Of a service that does not run, systemctl show tells no watchdog.
  same WatchdogSec=60 "$(inside systemctl cat emporia2mqtt | grep ^WatchdogSec)" "the unit"
  same "notify on-failure" "$(unit_property Type) $(unit_property Restart)" "Type and Restart"
}

unit_is_hardened() {
  inside systemd-analyze security --no-pager --threshold=15 emporia2mqtt.service
}

unconfigured_start() {
  journal_mark mark
  inside systemctl start emporia2mqtt 2>/dev/null && why "it started"
  ended_for_good 78
  wait_until 10 journal_has mark 'email: still holds the example.s placeholder'
  inside systemctl reset-failed emporia2mqtt
}

# ended_for_good STATUS: it is down; one that waits for its restart would be "activating".
ended_for_good() {
  wait_until 30 unit_is failed
  same "$1" "$(unit_property ExecMainStatus)" "exit status"
  same 0 "$(unit_property NRestarts)" "restarts"
}

# set_password NAME TEXT
set_password() {
  (umask 077 && printf '%s\n' "$2" >"$root/etc/credstore/$1")
}

configured_start() {
  install -m 644 "$work/certificates/ca.pem" "$root/etc/emporia2mqtt/ca.pem"
  configuration "$root$etc" >"$work/configuration"
  cat "$work/configuration" >"$root$etc"
  set_password emporia_password "$partner_password"
  set_password emporia_mqtt_password "$mqtt_password"
  inside systemctl restart emporia2mqtt
  unit_is active
  same emporia2mqtt "$(inside stat -c %U "/proc/$(unit_property MainPID)")" "user of the process"
  inside systemctl status emporia2mqtt
  [ -n "$(unit_property StatusText)" ] || why "systemctl status has no sentence about it"
  mode_is /var/lib/emporia2mqtt "700 emporia2mqtt:emporia2mqtt"
}

publishes() {
  wait_until 30 retained_is emporia/bridge/state online
  wait_until 60 retained_is "emporia/$house/availability" online
  wait_until 30 retained_has "emporia/$house/state" import_kwh
  wait_until 30 retained_has "homeassistant/device/+/config" "$house"
}

by_hand() {
  inside emporia2mqtt check-config
  inside emporia2mqtt doctor
  # What root may have made there is the service's.
  same "" "$(find "$root/var/lib/emporia2mqtt" ! -uid "$(inside id -u emporia2mqtt)")" "files of others in the state folder"
}

# shorten: the times of the unit, so that a test need not wait for them; the file is gone with the machine.
shorten() {
  mkdir -p "$root/etc/systemd/system/emporia2mqtt.service.d"
  printf '[Service]\nWatchdogSec=2\nRestartSec=1\n' >"$root/etc/systemd/system/emporia2mqtt.service.d/short.conf"
  inside systemctl daemon-reload
}

# fed_for SECONDS: the newest sign of life is so much younger than the start.
fed_for() {
  local start fed
  start=$(unit_property ExecMainStartTimestampMonotonic)
  fed=$(unit_property WatchdogTimestampMonotonic)
  [ "$((fed - start))" -ge "$(($1 * 1000000))" ] || { echo "started at $start us, last sign of life at $fed us"; return 1; }
}

watchdog_fed() {
  shorten
  inside systemctl restart emporia2mqtt
  same 2s "$(unit_property WatchdogUSec)" WatchdogSec
  wait_until 30 fed_for 8
  unit_is active
  same 0 "$(unit_property NRestarts)" "restarts"
}

# restarted_by_itself TIMES
restarted_by_itself() {
  same "$1" "$(unit_property NRestarts)" "restarts" && unit_is active
}

watchdog_bites() {
  journal_mark mark
  inside systemctl kill --signal=STOP --kill-who=main emporia2mqtt
  wait_until 30 restarted_by_itself 1
  wait_until 10 journal_has mark 'Watchdog timeout'
}

# counters: since when they count and what they have, from the ledger itself.
counters() {
  inside emporia2mqtt ledger "$house" --json | read_counters
}
read_counters() {
  python3 -c '
import json, sys
device = json.load(sys.stdin)
print(device["booked_from"], sum(c["positive_wh"] + c["negative_wh"] for c in device["channels"]))'
}

# same_counters BEFORE AFTER: they go on: the same beginning, and not less.
same_counters() {
  local from_before wh_before from_after wh_after
  read -r from_before wh_before <<<"$1"
  read -r from_after wh_after <<<"$2"
  same "$from_before" "$from_after" "beginning of the counters"
  awk -v before="$wh_before" -v after="$wh_after" 'BEGIN { exit !(before > 0 && after >= before) }' ||
    { echo "the counters were $wh_before Wh and are $wh_after Wh"; return 1; }
}

survives_kill() {
  local before times
  inside systemctl restart emporia2mqtt
  before=$(counters)
  times=$(unit_property NRestarts)
  inside systemctl kill --signal=KILL --kill-who=main emporia2mqtt
  wait_until 30 restarted_by_itself "$((times + 1))"
  wait_until 30 retained_is emporia/bridge/state online
  same_counters "$before" "$(counters)"
}

reloads() {
  local pid
  pid=$(unit_property MainPID)
  journal_mark mark
  sed -i 's/^#level = .*/level = "debug"/' "$root$etc"
  inside systemctl reload emporia2mqtt
  wait_until 20 journal_has mark 'from now on applies: \[log\] level'
  same "$pid" "$(unit_property MainPID)" "process"
  unit_is active
}

stops() {
  inside systemctl stop emporia2mqtt
  unit_is inactive
  same "success 0" "$(unit_property Result) $(unit_property ExecMainStatus)" "how it ended"
  wait_until 10 retained_is emporia/bridge/state offline
}

refused_password() {
  journal_mark mark
  set_password emporia_password "not this one"
  inside systemctl start emporia2mqtt 2>/dev/null && why "it became ready"
  ended_for_good 77
  wait_until 10 journal_has mark 'refuses the e-mail or password'
  set_password emporia_password "$partner_password"
  inside systemctl reset-failed emporia2mqtt
}

wrong_configuration() {
  cp "$root$etc" "$work/right"
  printf '\n[pollling]\nusage_interval_s = 60\n' >>"$root$etc"
  journal_mark mark
  inside systemctl start emporia2mqtt 2>/dev/null && why "it started"
  ended_for_good 78
  wait_until 10 journal_has mark 'pollling'
  cat "$work/right" >"$root$etc"
  inside systemctl reset-failed emporia2mqtt
}

# program_of PACKAGE: the checksum of the program in it.
program_of() {
  dpkg-deb --fsys-tarfile "$1" | tar -xOf - ./usr/bin/emporia2mqtt | sha256sum | cut -d ' ' -f 1
}
running_program() {
  inside sha256sum "/proc/$(unit_property MainPID)/exe" | cut -d ' ' -f 1
}

# The new package's configuration differs from the old one's, and a person has changed it: apt would ask. As one who
# answers "keep mine".
upgrades() {
  local before
  inside systemctl start emporia2mqtt
  before=$(counters)
  cp "$root$etc" "$work/before"
  same "$(program_of "$1")" "$(running_program)" "the program that runs before"
  apt_install "$2" -o Dpkg::Options::=--force-confold
  same "$(dpkg-deb -f "$2" Version)" "$(inside dpkg -s emporia2mqtt | sed -n 's/^Version: //p')" "installed version"
  cmp "$root$etc" "$work/before"
  mode_is "$etc" "640 root:emporia2mqtt"
  wait_until 30 unit_is active
  same "$(program_of "$2")" "$(running_program)" "the program that runs afterwards"
  same_counters "$before" "$(counters)"
}

no_password_told() {
  inside journalctl --output=cat >"$work/journal.txt"
  [ "$(wc -l <"$work/journal.txt")" -gt 50 ] || why "the journal is too short to be looked at"
  local secret
  for secret in "$mqtt_password" "not this one"; do
    grep -qF -- "$secret" "$work/journal.txt" && why "it is"
  done
  true
}

removes() {
  counters >"$work/counters"
  inside apt-get -q -y remove emporia2mqtt
  same not-found "$(unit_property LoadState | sed s/masked/not-found/)" "the unit"
  [ ! -e "$root/usr/bin/emporia2mqtt" ] || why "the program is still there"
  cmp "$root$etc" "$work/before"
  [ -s "$root/etc/credstore/emporia_password" ] || why "the password is gone"
  [ -s "$root/var/lib/emporia2mqtt/ledger.sqlite" ] || why "the counters are gone"
  wait_until 10 retained_is emporia/bridge/state offline
}

installs_again() {
  apt_install "$1"
  wait_until 30 unit_is active
  wait_until 30 retained_is emporia/bridge/state online
  same_counters "$(cat "$work/counters")" "$(counters)"
}

purges() {
  inside apt-get -q -y purge emporia2mqtt
  rm -r "$root/etc/systemd/system/emporia2mqtt.service.d"
  nothing_is_left
}

# After purging: neither files nor the password, but the user.
nothing_is_left() {
  # A person's own file in the folder of the configuration is not the package's to delete.
  rm "$root/etc/emporia2mqtt/ca.pem"
  rmdir "$root/etc/emporia2mqtt" 2>/dev/null || true
  local left
  left=$(find "$root/etc" "$root/var/lib" "$root/usr" "$root/lib/" -name '*emporia*' -o -path '*/credstore/*' | grep -v '/apt/lists/') || true
  same "" "${left//$root/}" "what is left"
  grep -q '^emporia2mqtt:' "$root/etc/passwd" || why "the user is gone, whose number a new one could get"
}
