# Creates .env from .env.example with a random value for each secret, readable only by its owner. Called by `make up`.
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 077
while IFS= read -r line; do
  case $line in
    *=change-me) printf '%s=%s\n' "${line%%=*}" "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <.env.example >.env.part
mv .env.part .env
echo "Created .env with random secrets"
