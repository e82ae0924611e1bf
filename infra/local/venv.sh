# Creates .venv and installs the packages of requirements-dev.txt, verified by hash. Called by make; reports what is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
say() { printf '%s\n' "$*"; }

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=""
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
  if fits "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  say "Python 3.11 or newer is missing. On Debian 12 or newer: apt-get install python3 python3-venv"
  exit 1
fi

if ! fits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  say "Creating .venv with $("$python" --version)"
  if ! said=$("$python" -m venv --clear .venv 2>&1); then
    rm -rf .venv
    say "$said"
    say "The module venv is missing or broken. On Debian: apt-get install python3-venv"
    exit 1
  fi
fi

total=$(grep -cE '^[A-Za-z0-9]' requirements-dev.txt)
say "Installing $total packages into .venv, verified by hash"
log=.venv/install.log
pip=(.venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes)

# uv is one of the pinned packages and installs the others in seconds. If it fails (it does not read pip's configuration
# of indexes), pip installs them in half a minute.
quickly() {
  awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.txt > .venv/uv.txt
  "${pip[@]}" --quiet -r .venv/uv.txt && .venv/bin/uv pip install --quiet --no-progress --compile-bytecode \
    --python .venv/bin/python --require-hashes -r requirements-dev.txt
}
slowly() {
  "${pip[@]}" -r requirements-dev.txt 2>&1 | tee "$log" | awk -v total="$total" '
    /^(Collecting|Requirement already satisfied)/ { if (++n % 10 == 0) { print "  resolved " n " of " total; fflush() } }
    /^Installing collected/ { print "  unpacking"; fflush() }'
}
if ! quickly > "$log" 2>&1 && ! slowly; then
  tail -n 20 "$log"
  say "Installing failed; the whole output is in $log"
  exit 1
fi
.venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-build-isolation --no-deps -e .
touch .venv/.complete
