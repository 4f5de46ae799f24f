# shellcheck shell=bash
# For deploy/demo and tests/run, which source it: installing what is missing and building, with a progress display.
# On a terminal one line is updated; elsewhere a line is written now and then. The full output goes to a log.

# What Debian 12 and Raspberry Pi OS need to build the bridge and the simulator. Used by those who source this file.
# netbase makes /etc/hosts where there is none: without it nobody knows localhost on a minimal system.
# shellcheck disable=SC2034
E2M_BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config
  libgrpc++-dev libabsl-dev tzdata protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
  libpaho-mqttpp-dev libpaho-mqtt-dev nlohmann-json3-dev libtomlplusplus-dev doctest-dev
  libsqlite3-dev libspdlog-dev libcli11-dev libssl-dev prometheus-cpp-dev libcpp-httplib-dev
  libboost-dev
  ca-certificates netbase
)

# The process whose progress is shown; progress_stop ends it.
E2M_JOB=""
E2M_PROGRESS_SHOWN=-1
E2M_PROGRESS_LINE=""

# progress PERCENT TEXT
progress() {
  local line columns
  line=$(printf '[%3d%%] %s' "$1" "$2")
  if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    [ "$line" != "$E2M_PROGRESS_LINE" ] || return 0
    columns=$(tput cols 2>/dev/null || echo 80)
    printf '\r\033[K%s' "${line:0:columns-1}"
    E2M_PROGRESS_LINE=$line
  elif [ "$(($1 / 10))" -gt "$E2M_PROGRESS_SHOWN" ]; then
    E2M_PROGRESS_SHOWN=$(($1 / 10))
    printf '%s\n' "$line"
  fi
}

# progress_end TEXT: the last state of the line.
progress_end() {
  if [ -n "$E2M_PROGRESS_LINE" ]; then printf '\r\033[K'; fi
  printf '%s\n' "$1"
  E2M_PROGRESS_LINE=""
  E2M_PROGRESS_SHOWN=-1
}

# progress_stop: ends the build under way. For the exit trap of who sources this.
progress_stop() {
  [ -n "$E2M_JOB" ] || return 0
  [ -z "$E2M_PROGRESS_LINE" ] || printf '\n'
  kill "$E2M_JOB" 2>/dev/null || true
  wait "$E2M_JOB" 2>/dev/null || true
  E2M_JOB=""
}

# follow STATE: calls the function STATE, which prints "PERCENT TEXT", until the job is done; returns how it ended.
follow() {
  local told percent text status=0
  while kill -0 "$E2M_JOB" 2>/dev/null; do
    told=$("$1")
    if [ -n "$told" ]; then
      percent=${told%% *}
      text=${told#* }
      progress "$percent" "$text"
    fi
    sleep 0.2
  done
  wait "$E2M_JOB" || status=$?
  E2M_JOB=""
  return "$status"
}

# failed_with LOG SENTENCE
failed_with() {
  progress_end "$2" >&2
  printf 'The end of %s:\n' "$1" >&2
  tail -n 25 "$1" | sed 's/^/  /' >&2
}

# as_root COMMAND...
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# is_installed PACKAGE
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# apt writes "dlstatus:..." while it downloads and "pmstatus:package:percent:text" while it installs.
apt_state() {
  local kind package percent
  IFS=: read -r kind package percent _ < <(tail -n 1 "$E2M_APT_STATUS" 2>/dev/null) || true
  percent=${percent%%.*}
  case $kind in
    dlstatus) echo "$((${percent:-0} * 3 / 10)) downloading" ;;
    pmstatus) echo "$((30 + ${percent:-0} * 7 / 10)) installing $package" ;;
  esac
}

# debian_mirror debian|debian-security: from where this machine's own apt gets this archive; nothing if it does not get it.
debian_mirror() {
  find /etc/apt \( -name '*.list' -o -name '*.sources' \) -exec cat {} + | grep -v '^#' |
    grep -oE "https?://[^ ]+/$1/?( |\$)" | tr -d ' ' | sort -u | sed -n 1p
}

# No service of a package is started while this one stands there. One that somebody else put there is left alone; one of
# ours may be left over from a run that was killed.
E2M_POLICY=/usr/sbin/policy-rc.d
E2M_POLICY_MARK="# of emporia2mqtt, for the time of an installation"
forbid_services() {
  if [ -e "$E2M_POLICY" ]; then
    grep -qxF "$E2M_POLICY_MARK" "$E2M_POLICY"
    return
  fi
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_root sh -c 'printf "#!/bin/sh\n%s\nexit 101\n" "$1" >"$0" && chmod 755 "$0"' "$E2M_POLICY" "$E2M_POLICY_MARK"
}
allow_services() {
  as_root rm -f "$E2M_POLICY"
}

# install_missing PACKAGE...: installs those that are not there and touches nothing else. No service is started: a
# broker that was not there before does not run afterwards either.
install_missing() {
  local package logs forbidden="" status=0
  local -a missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    printf 'To be installed as root: apt-get install --no-install-recommends %s\n' "${missing[*]}" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then sudo -v || return 1; fi
  logs=$(mktemp -d "${TMPDIR:-/tmp}/emporia2mqtt-install.XXXXXX")
  E2M_APT_STATUS=$logs/status
  : >"$E2M_APT_STATUS"
  printf 'Installing %d missing package(s) (log: %s)\n' "${#missing[@]}" "$logs/install.log"
  progress 0 "reading the lists of packages"
  # A list that cannot be renewed may still be good enough: the installation decides.
  as_root apt-get -q -o DPkg::Lock::Timeout=300 update >"$logs/install.log" 2>&1 || true
  trap '' INT TERM HUP
  if forbid_services; then forbidden=1; fi
  # The descriptor is made behind sudo, which closes those of its caller. Never killed: half an installation is worse
  # than a slow ctrl-C.
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_root env DEBIAN_FRONTEND=noninteractive sh -c \
    'status=$1; shift; exec apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o APT::Status-Fd=3 install "$@" 3>>"$status"' \
    install "$E2M_APT_STATUS" "${missing[@]}" </dev/null >>"$logs/install.log" 2>&1 &
  E2M_JOB=$!
  follow apt_state || status=$?
  if [ -n "$forbidden" ]; then allow_services; fi
  trap - INT TERM HUP
  if [ "$status" -eq 0 ] && [[ " ${missing[*]} " == *" mosquitto "* ]] && [ -d /run/systemd/system ]; then
    as_root systemctl disable --quiet mosquitto >>"$logs/install.log" 2>&1 || true
  fi
  if [ "$status" -ne 0 ]; then
    failed_with "$logs/install.log" "Installing failed: check the network and apt's sources, then run this again."
    return 1
  fi
  rm -rf "$logs"
  progress_end "Installed ${#missing[@]} package(s)."
}

# A compiler of this code takes up to 900 MB: on a small machine memory decides how many run at once.
build_jobs() {
  local processors memory_kb
  processors=$(nproc)
  memory_kb=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  local fit=$((${memory_kb:-1000000} / 900000))
  if [ "$fit" -lt 1 ]; then fit=1; fi
  if [ "$fit" -lt "$processors" ]; then echo "$fit"; else echo "$processors"; fi
}

# ninja writes "[done/all] what".
ninja_state() {
  local done_count all
  IFS=/ read -r done_count all < <(grep -aoE '^\[[0-9]+/[0-9]+\]' "$E2M_BUILD_LOG" 2>/dev/null | tail -n 1 | tr -d '[]') ||
    true
  [ -n "${all:-}" ] && [ "$all" -gt 0 ] || return 0
  echo "$((done_count * 100 / all)) building $done_count/$all"
}

# progress_configure SOURCE BUILD_DIR CMAKE-ARGUMENTS...
progress_configure() {
  local source=$1 build=$2
  shift 2
  mkdir -p "$build" || return 1
  E2M_BUILD_LOG=$build/build.log
  progress 0 "configuring"
  cmake -S "$source" -B "$build" -G Ninja "$@" >"$E2M_BUILD_LOG" 2>&1 &
  E2M_JOB=$!
  follow true || { failed_with "$E2M_BUILD_LOG" "Configuring failed."; return 1; }
}

# share_compiled SOURCE: several builds and checkouts of the same source share what ccache has compiled, precompiled headers
# included.
share_compiled() { export CCACHE_BASEDIR=$1 CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros; }

# configure_watched SOURCE BUILD_DIR: by clang, with sanitizers and for fuzzing; one folder serves all checks that want it.
configure_watched() {
  progress_configure "$1" "$2" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug -DSANITIZE=ON -DFUZZ=ON \
    -DPRECOMPILE=ON
}

# progress_build BUILD_DIR TARGET...
progress_build() {
  local build=$1
  shift
  E2M_BUILD_LOG=$build/build.log
  NINJA_STATUS='[%f/%t] ' ninja -C "$build" -j "$(build_jobs)" "$@" >"$E2M_BUILD_LOG" 2>&1 </dev/null &
  E2M_JOB=$!
  follow ninja_state || { failed_with "$E2M_BUILD_LOG" "Building failed."; return 1; }
  progress_end "Built $(printf '%s, ' "$@" | sed 's/, $//')."
}
