# shellcheck shell=bash
# For the tests of the packages, which source it: cases that are counted, and waiting for a condition.

passed=0
failed=0
not_run=0
# The folder of this run; whoever sources this makes it.
work=""

# check NAME COMMAND...: one case. The command is a function that fails or calls `why`; it runs in a shell of its own, so
# that any command in it that fails ends it.
check() {
  local name=$1 status
  shift
  set +e
  (set -e; "$@") >"$work/case.log" 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    printf 'ok %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED %s: %s\n' "$name" "$(tail -n 1 "$work/case.log" | grep . || echo "ended with $status")"
    head -n -1 "$work/case.log" | tail -n 25 | sed 's/^/  /'
  fi
}

# why TEXT: ends the case as failed.
why() {
  printf '%s\n' "$*"
  exit 1
}

# not_run NAME REASON: a case that this machine cannot run at all. It is neither passed nor failed.
not_run() {
  not_run=$((not_run + 1))
  printf 'not run %s: %s\n' "$1" "$2"
}

# wait_until SECONDS COMMAND...: until the command succeeds; fails with its last words when it does not in time.
wait_until() {
  local until=$((SECONDS + $1)) said
  shift
  while ! said=$("$@" 2>&1); do
    if [ "$SECONDS" -ge "$until" ]; then
      printf '%s\nnot in time: %s\n' "$said" "$*"
      return 1
    fi
    sleep 0.2
  done
}

# same EXPECTED FOUND WHAT
same() {
  [ "$1" = "$2" ] || { printf '%s: expected "%s", found "%s"\n' "$3" "$1" "$2"; return 1; }
}

summary() {
  if [ "$not_run" -gt 0 ]; then printf '%s case(s) could not be run on this machine, see "not run" above\n' "$not_run"; fi
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
