# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# For the tests of the packages, which source it after report.sh: the broker and the simulated service that the installed
# bridge talks to, on free ports of this machine's loopback.

# shellcheck disable=SC2034  # used by those who source this
partner_password=simulated
mqtt_password="the broker's"
peer_pids=()
broker_port=""
partner_port=""

# mosquitto takes no "any free port": one below those that the system gives out is tried until it is ours.
start_broker() {
  local attempt pid mosquitto
  mosquitto=$(PATH=$PATH:/usr/sbin command -v mosquitto)
  printf 'bridge:%s\nwatcher:watcher\n' "$mqtt_password" >"$work/broker.passwords"
  chmod 600 "$work/broker.passwords"
  mosquitto_passwd -U "$work/broker.passwords"
  for ((attempt = 0; attempt < 20; attempt++)); do
    broker_port=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
    printf 'user root\nlistener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\npersistence false\n' \
      "$broker_port" "$work/broker.passwords" >"$work/broker.conf"
    "$mosquitto" -c "$work/broker.conf" >"$work/broker.log" 2>&1 </dev/null &
    pid=$!
    if wait_until 10 said_or_gone broker.log 'mosquitto version .* running' "$pid" && kill -0 "$pid" 2>/dev/null; then
      peer_pids+=("$pid")
      return 0
    fi
    kill "$pid" 2>/dev/null || true
  done
  return 1
}

# start_partner SIMULATOR: the typical home; its certificate authority is in $work/certificates/ca.pem.
start_partner() {
  "$1" --home "$top/tests/simulator/homes/typical.toml" --certificate-dir "$work/certificates" --quota 0 \
    >"$work/partner.log" 2>&1 </dev/null &
  peer_pids+=("$!")
  wait_until 20 said_or_gone partner.log '^listening port=' "$!"
  partner_port=$(sed -nE 's/^listening port=([0-9]+).*/\1/p' "$work/partner.log")
  [ -n "$partner_port" ]
}

# said_or_gone LOG PATTERN PID
said_or_gone() {
  grep -qE "$2" "$work/$1" || ! kill -0 "$3" 2>/dev/null
}

stop_peers() {
  local pid
  for pid in "${peer_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${peer_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  peer_pids=()
}

# retained TOPIC: what stands at the broker; fails when nothing does.
retained() {
  mosquitto_sub -h 127.0.0.1 -p "$broker_port" -u watcher -P watcher -t "$1" -C 1 -W 3 --retained-only 2>/dev/null
}

# retained_is TOPIC TEXT
retained_is() {
  local found
  found=$(retained "$1") || found=nothing
  same "$2" "$found" "$1"
}

# retained_has TOPICS TEXT: one of them has it.
retained_has() {
  # It ends by the time that it was given, which it calls a failure.
  { mosquitto_sub -h 127.0.0.1 -p "$broker_port" -u watcher -P watcher -t "$1" -W 2 --retained-only 2>/dev/null || true; } |
    grep -qF -- "$2"
}

# configuration: what a person would change in the package's file, for these peers.
configuration() {
  sed -e "s/^email = .*/email = \"partner@example.com\"/" \
    -e "s|^#endpoint = .*|endpoint = \"127.0.0.1:$partner_port\"|" \
    -e "0,/^#ca_file = .*/s||ca_file = \"/etc/emporia2mqtt/ca.pem\"|" \
    -e "s/^#calls_per_hour = .*/calls_per_hour = 1000/" \
    -e "s/^#port = .*/port = $broker_port/" -e "s/^#username = .*/username = \"bridge\"/" \
    -e "s/^#host = .*/host = \"127.0.0.1\"/" "$1"
}
