# shellcheck shell=bash
# For scripts that play others and add up what these say. Who sources it has passed, failed, and builds, the folder for logs.
# Also needs deploy/lib/packages.sh.

# With how long everything has taken so far.
section() { printf '\n== %s (%d:%02d)\n' "$*" "$((SECONDS / 60))" "$((SECONDS % 60))"; }

# note_failure NAME LOG: keeps what LOG says of its failures, in a few lines each, for failures_again.
note_failure() {
  local lines
  # ctest's title of a test that failed, and what doctest, our scripts and the sanitizers say; where there is nothing of
  # the kind, the end.
  lines=$(grep -aE -A 14 '\*\*\*|ERROR: |MESSAGE: |FAILED|runtime error: ' "$2" | cut -c -300 | head -n 80) || true
  printf -- '-- %s\n%s\n' "$1" "${lines:-$(tail -n 20 "$2")}" >>"${builds:?}/failures"
}

# failures_again: the failures once more, at the end, where they are found among thousands of lines.
failures_again() {
  [ -s "${builds:?}/failures" ] || return 0
  section "what failed"
  head -n 120 "$builds/failures"
}

# run_script NAME COMMAND...: a script that ends with the line "N passed, N failed", whose counts are added. That it has no
# such line, ran nothing, or failed without saying so is a failure.
run_script() {
  local name=$1 log last noted status=0
  shift
  section "$name"
  # A script that keeps its failures itself, by run_tests, is not told twice.
  noted=$(stat -c %s "${builds:?}/failures" 2>/dev/null) || true
  log=${builds:?}/$name.script.log
  "$@" 2>&1 | tee "$log" || status=$?
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) || true
  if [ -z "$last" ] || [ "$last" = "0 passed, 0 failed" ] || { [ "$status" -ne 0 ] && [[ $last == *", 0 failed" ]]; }; then
    printf 'FAILED: %s ended with status %s and does not say what failed\n' "$name" "$status"
    failed=$((failed + 1))
    note_failure "$name" "$log"
  elif [[ $last != *", 0 failed" ]] && [ "$(stat -c %s "$builds/failures" 2>/dev/null)" = "$noted" ]; then
    note_failure "$name" "$log"
  fi
  [ -n "$last" ] || return 0
  passed=$((passed + ${last%% *}))
  last=${last#*, }
  failed=$((failed + ${last%% *}))
}

# run_tests NAME [CTEST-ARGUMENTS...]: counts what ctest ran in the folder NAME of builds; that it ran nothing is a failure.
run_tests() {
  local name=$1 log total bad
  shift
  section "tests of $name"
  log=$builds/$name.tests.log
  # Twice as many as processors: most of them wait for a broker, a service or a clock. The limit is there for what hangs;
  # weeks of simulated time under the sanitizers take minutes of a processor that others want too.
  (cd "$builds/$name" && ctest --output-on-failure -j "$(($(build_jobs) * 2))" --timeout 1200 "$@") 2>&1 | tee "$log" || true
  total=$(sed -nE 's/^.* tests passed, [0-9]+ tests? failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/^.* tests passed, ([0-9]+) tests? failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
  if [ -z "$total" ] || [ "$total" -eq 0 ]; then
    printf 'FAILED: ctest ran nothing for %s\n' "$name"
    failed=$((failed + 1))
    return
  fi
  if [ "$bad" -gt 0 ]; then note_failure "tests of $name" "$log"; fi
  passed=$((passed + total - bad))
  failed=$((failed + bad))
}
