#!/bin/sh
# Removes what install.sh has installed, and puts core_pattern back. Reports, settings and state stay without --purge.
set -eu

prefix=@PREFIX@
usage="usage: sudo $prefix/lib/usercrash/uninstall.sh [--purge]"
case "${1:-}" in
  "" | --purge) ;;
  --help) echo "$usage"; exit 0 ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "uninstall.sh: must run as root" >&2; exit 1; }

if [ -e /var/lib/usercrash/enabled.json ] || grep -qs "$prefix/lib/usercrash/" /proc/sys/kernel/core_pattern; then
  "$prefix/lib/usercrash/crashlogctl" disable
fi
while read -r file; do
  rm -f "$prefix/$file"
done <"$prefix/lib/usercrash/manifest"
rm -rf "$prefix/lib/usercrash" "$prefix/share/doc/usercrash"
if [ "${1:-}" = --purge ]; then
  for directory in /var/log/usercrashes /var/lib/usercrash /run/usercrash /etc/usercrash; do
    rm -rf "$directory" || echo "uninstall.sh: $directory stays: is it a file system of its own?" >&2
  done
  ! getent passwd usercrash >/dev/null || userdel --force usercrash
fi
