#!/bin/sh
# Installs what building (deps.sh build) or testing (deps.sh test) needs on Debian and Ubuntu, and only what is missing.
set -eu

case "${1:-}" in
  build) packages="gcc pkg-config libpcsclite-dev pcscd libccid" ;;
  test) packages="gcc pkg-config libpcsclite-dev pcscd libccid vsmartcard-vpcd opensc chromium fonts-noto-cjk shellcheck" ;;
  *) echo "usage: $0 build|test" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install these with your system's package manager:$missing" >&2
  exit 3
fi
echo "Installing Debian packages:$missing"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # the list is one word per package on purpose
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
