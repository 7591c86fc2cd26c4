# Shared by ./quickstart and ./test/run: everything that a fresh machine lacks. Sourced by bash.

fail() {
  echo "$(basename "$0"): $1" >&2
  exit 1
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "must run as root: sudo $1"
}

# Installs the Debian packages that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || fail "needs ${missing[*]}, and there is no apt-get to install them"
  echo "installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install ${missing[*]} (its last words are above)"
  fi
  rm -f "$log"
}

# Installs the npm packages of the lock file, unless they are there already.
npm_install() {
  command -v npm >/dev/null || fail "needs Node.js 18 or newer with npm: apt-get install nodejs npm"
  local stamp=node_modules/.usercrash-lock
  if ! cmp -s package-lock.json "$stamp"; then
    echo "installing npm packages" >&2
    local log
    log=$(mktemp)
    if ! npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      fail "npm could not install the packages of package-lock.json (its last words are above)"
    fi
    rm -f "$log"
    cp package-lock.json "$stamp"
  fi
}
