# shellcheck shell=bash
# shellcheck disable=SC2154  # who sources this sets them
# What can be said of a package without installing it. For the tests of the packages, which source it after report.sh.

# make_package ARCHITECTURE [--tests]: by the command that makes it for everybody. In the background, so that an
# interruption need not wait for it. Without a package there is nothing to test.
make_package() {
  E2M_BUILD_DIR=$builds "$top/deploy/debian/build" "$@" &
  E2M_JOB=$!
  if ! wait "$E2M_JOB"; then
    printf 'FAILED the package for %s is made\n%s passed, %s failed\n' "$1" "$passed" "$((failed + 1))"
    exit 1
  fi
  E2M_JOB=""
}

# package_of ARCHITECTURE: the path of what make_package made.
package_of() {
  find "$builds/$1" -maxdepth 1 -name 'emporia2mqtt_*.deb'
}

# is_named PACKAGE [ARCHITECTURE [DEBIAN-RELEASE]]
is_named() {
  local package=$1 version release
  release=${3:-$(. /etc/os-release && echo "$VERSION_ID")}
  version=$(sed -nE 's/^project\(.* VERSION ([0-9.]+) .*/\1/p' "$top/CMakeLists.txt")
  same "$version+deb$release" "$(dpkg-deb -f "$package" Version)" "version"
  same "${2:-$(dpkg --print-architecture)}" "$(dpkg-deb -f "$package" Architecture)" "architecture"
  same "$(basename "$package")" "emporia2mqtt_$(dpkg-deb -f "$package" Version)_$(dpkg-deb -f "$package" Architecture).deb" \
    "name of the file"
  same /etc/emporia2mqtt/emporia2mqtt.toml "$(dpkg-deb -I "$package" conffiles)" "conffiles"
  dpkg-deb -c "$package" >"$work/contents.txt"
  local line
  # Mode, owner and path of what matters.
  while read -r line; do
    awk '{ print $1, $2, $6 }' "$work/contents.txt" | grep -qxF -- "$line" || { cat "$work/contents.txt"; why "not in it: $line"; }
  done <<'LINES'
-rwxr-xr-x root/root ./usr/bin/emporia2mqtt
-rw-r----- root/root ./etc/emporia2mqtt/emporia2mqtt.toml
drwx------ root/root ./etc/credstore/
-rw-r--r-- root/root ./lib/systemd/system/emporia2mqtt.service
-rw-r--r-- root/root ./usr/share/man/man1/emporia2mqtt.1.gz
-rw-r--r-- root/root ./usr/share/bash-completion/completions/emporia2mqtt
-rw-r--r-- root/root ./usr/share/doc/emporia2mqtt/copyright
LINES
}

lintian_is_content() {
  lintian --allow-root --fail-on error --tag-display-limit 0 "$1"
}

# libraries PACKAGE: what it depends on, a line each, without what package.cmake names itself.
libraries() {
  dpkg-deb -f "$1" Depends | tr ',' '\n' | sed 's/^ *//' | grep -vxE 'adduser|ca-certificates|tzdata' | sort
}

# libraries_are_right PACKAGE SUITE: a cross build takes the list; dpkg-shlibdeps has made that of this package.
libraries_are_right() {
  tr ',' '\n' <"$top/deploy/debian/libraries-$2" | sed 's/^ *//' | sort >"$work/listed"
  libraries "$1" >"$work/found"
  diff -u "$work/listed" "$work/found" || why "deploy/debian/libraries-$2 is not what the package needs"
}

# make_next PACKAGE: a package of a higher version, with another program and another configuration in it.
make_next() {
  local tree=$work/next
  rm -rf "$tree"
  dpkg-deb -R "$1" "$tree"
  sed -i 's/^Version: .*/&.next/' "$tree/DEBIAN/control"
  # What stands behind its end is not loaded.
  echo next >>"$tree/usr/bin/emporia2mqtt"
  printf '\n# Something new.\n' >>"$tree/etc/emporia2mqtt/emporia2mqtt.toml"
  dpkg-deb -b "$tree" "$work" >/dev/null
  echo "$work/emporia2mqtt_$(dpkg-deb -f "$1" Version).next_$(dpkg-deb -f "$1" Architecture).deb"
}
