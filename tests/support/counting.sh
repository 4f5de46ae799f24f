# shellcheck shell=bash
# For scripts that play others and add up what these say. Who sources it has passed, failed, and builds, the folder for logs.

section() { printf '\n== %s\n' "$*"; }

# run_script NAME COMMAND...: a script that ends with the line "N passed, N failed", whose counts are added. That it has no
# such line, ran nothing, or failed without saying so is a failure.
run_script() {
  local name=$1 log last status=0
  shift
  section "$name"
  log=${builds:?}/$name.script.log
  "$@" 2>&1 | tee "$log" || status=$?
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || true
  if [ -z "$last" ] || [ "$last" = "0 passed, 0 failed" ] || { [ "$status" -ne 0 ] && [[ $last == *", 0 failed" ]]; }; then
    printf 'FAILED: %s ended with status %s and does not say what failed\n' "$name" "$status"
    failed=$((failed + 1))
  fi
  [ -n "$last" ] || return 0
  passed=$((passed + ${last%% *}))
  last=${last#*, }
  failed=$((failed + ${last%% *}))
}
