#!/bin/sh
# Installs usercrash from the directory in which this lies. It collects nothing yet: `crashlogctl enable` does.
set -eu

usage="usage: sudo ./install.sh [--prefix DIRECTORY]    (default: /usr/local)"
prefix=/usr/local
while [ $# -gt 0 ]; do
  case "$1" in
    --prefix) prefix=${2:?"$usage"}; shift 2 ;;
    --help) echo "$usage"; exit 0 ;;
    *) echo "$usage" >&2; exit 2 ;;
  esac
done
here=$(cd "$(dirname "$0")" && pwd)
programs=$prefix/lib/usercrash

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

case "$prefix" in
  [!/]* | *[!A-Za-z0-9/._-]*) fail "the prefix is an absolute path without spaces: the kernel and #! lines name it" ;;
esac
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || fail "it is for Linux on x86_64, and this is $(uname -s) on $(uname -m)"
glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || fail "it needs glibc, and this system has another C library"
[ "$(printf '%s\n' "${glibc#glibc }" @GLIBC@ | sort -V | head -n 1)" = @GLIBC@ ] ||
  fail "it needs glibc @GLIBC@ or newer, and this is $glibc"
[ "$(id -u)" = 0 ] || fail "must run as root: sudo ./install.sh"
[ "$(dpkg-query -W -f '${db:Status-Status}' usercrash 2>/dev/null)" != installed ] ||
  fail "the Debian package is installed here: apt-get remove usercrash"
"$here/lib/usercrash/node" --version >/dev/null || fail "its Node.js does not start: is libstdc++ installed?"
command -v gdb >/dev/null || echo "install.sh: there is no gdb: without it reports have no backtrace" >&2

# Everything is root's, whoever unpacked this; each file takes its place in one step, so that a crash finds the old or the new one.
umask 022
rm -rf "$programs.new"
mkdir -p "$prefix/lib"
cp -R "$here/." "$programs.new"
"$programs.new/lib/usercrash/node" "$programs.new/relocate.cjs" /usr/lib/usercrash "$programs" "$programs.new/lib/usercrash"
(
  cd "$programs.new"
  sed "s|@PREFIX@|$prefix|" uninstall.sh >lib/usercrash/uninstall.sh
  chmod 755 lib/usercrash/uninstall.sh
  { find bin sbin lib share ! -type d | sort; echo lib/usercrash/manifest; } >manifest
  cp manifest lib/usercrash/manifest
  while read -r file; do
    mkdir -p "$prefix/${file%/*}"
    mv -f "$file" "$prefix/$file"
  done <manifest
  if [ ! -e /etc/usercrash/usercrash.toml ]; then
    mkdir -p /etc/usercrash
    cp usercrash.toml /etc/usercrash/usercrash.toml
  fi
)
rm -rf "$programs.new"
if [ -d /run/systemd/system ]; then
  systemctl try-restart usercrash.service usercrash-client.service
fi
echo "installed in $prefix; now: $prefix/bin/crashlogctl enable   (undone by $programs/uninstall.sh)"
