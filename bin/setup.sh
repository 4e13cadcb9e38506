# Sourced by bin/run and bin/test: makes .venv from a lock file, and installs Debian's packages.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
umask 077
unset PYTHONDONTWRITEBYTECODE # where it is set, each process would compile every module anew

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# debian_packages NAME...: install those that are missing.
debian_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    echo "Installing Debian packages: ${missing[*]}"
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# uv_install WHAT...: what the lock files name, and nothing else.
uv_install() {
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps "$@"
}

# python_environment LOCK: .venv with exactly what LOCK names, hashes checked; quick when nothing changed.
python_environment() {
    local lock=$1 python stamp mirror
    # Debian's own first: it is built with optimizations, and runs a tenth faster than one without
    python=$(command -v /usr/bin/python3.11 || command -v python3.11 || command -v python3)
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        { echo "Backtalk needs Python 3.11 or newer; $python is older." >&2; exit 1; }
    stamp=$(cat "$lock" pyproject.toml | sha256sum)
    if [ "$(cat ".venv/$lock" 2>/dev/null)" = "$stamp" ]; then return; fi
    echo "Installing Python packages from $lock"
    if [ ! -x .venv/bin/uv ]; then
        "$python" -m pip --version >/dev/null 2>&1 || debian_packages python3-pip
        "$python" -m venv --clear --without-pip .venv # uv installs the rest; a pip of its own takes five seconds
        "$python" -m pip --python .venv/bin/python install -qq --disable-pip-version-check \
            --require-hashes -r requirements-uv.lock
    fi
    mirror=$("$python" -m pip config get global.index-url 2>/dev/null || true)
    mirror=${PIP_INDEX_URL:-$mirror} # uv does not read what pip is told
    export UV_SYSTEM_CERTS=true ${mirror:+UV_DEFAULT_INDEX="$mirror"}
    uv_install --require-hashes -r "$lock"
    uv_install --no-build-isolation -e .
    .venv/bin/backtalk --help >/dev/null
    echo "$stamp" >".venv/$lock"
}
