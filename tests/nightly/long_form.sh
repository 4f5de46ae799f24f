# shellcheck shell=bash
# For the long forms, which source it.

# long_form BUILD_DIRECTORY PROGRAM CASE: runs the cases of a test program and ends with "N passed, N failed". That nothing
# ran, or that it ended before it could count, is a failure.
long_form() {
  local program=$1/$2 log ended passed failed
  if [ ! -x "$program" ]; then
    printf '%s is not there: build it first, e.g.\n  cmake -S . -B %s -G Ninja && ninja -C %s %s\n' \
      "$program" "$1" "$1" "$(basename "$2")"
    printf '0 passed, 1 failed\n'
    return 1
  fi
  log=$(mktemp)
  if "$program" --test-case="$3" 2>&1 | tee "$log"; then ended=0; else ended=1; fi
  # "[doctest] test cases: 1 | 1 passed | 0 failed | 70 skipped"
  passed=$(sed -nE 's/^\[doctest\] test cases: .*\| *([0-9]+) passed.*$/\1/p' "$log")
  failed=$(sed -nE 's/^\[doctest\] test cases: .*\| *([0-9]+) failed.*$/\1/p' "$log")
  rm -f "$log"
  passed=${passed:-0}
  failed=${failed:-0}
  if [ "$passed" -eq 0 ] || [ "$ended" -ne 0 ]; then
    if [ "$failed" -eq 0 ]; then failed=1; fi
  fi
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
