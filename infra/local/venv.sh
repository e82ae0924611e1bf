# Makes .venv and installs what requirements-dev.txt pins, by hash. Called by make; says what is missing where something is.
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
  say "Making .venv with $("$python" --version)"
  if ! said=$("$python" -m venv --clear .venv 2>&1); then
    rm -rf .venv
    say "$said"
    say "The module venv is missing or broken. On Debian: apt-get install python3-venv"
    exit 1
  fi
fi

total=$(grep -cE '^[A-Za-z0-9]' requirements-dev.txt)
say "Installing $total packages into .venv, each checked against its hash"
log=.venv/install.log
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements-dev.txt 2>&1 |
  tee "$log" |
  awk -v total="$total" '
    /^(Collecting|Requirement already satisfied)/ { if (++n % 10 == 0) { print "  looked at " n " of " total; fflush() } }
    /^Installing collected/ { print "  unpacking"; fflush() }'; then
  tail -n 20 "$log"
  say "Installing failed; the whole output is in $log"
  exit 1
fi
.venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-build-isolation --no-deps -e .
touch .venv/.complete
