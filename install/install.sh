#!/bin/sh
# Builds etax-doctor, installs it for this user, registers it for the browsers found, and runs the first check.
#   install.sh [--user-data-dir DIR] [--scope system] [--force]    the options of "etax-doctor install"
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

if ! go version 2>/dev/null | grep -Eq 'go1\.(2[1-9]|[3-9][0-9])'; then
  # From 1.21 on, Go downloads by itself the version that go.mod requires.
  echo "Go 1.26 以降が必要です / Go 1.26 or later is needed: https://go.dev/dl/" >&2
  exit 3
fi

echo "1/4 必要な部品を確かめます / checking what the build needs"
"$root/install/deps.sh" build
echo "2/4 プログラムを作ります / building the program"
program="$root/bin/etax-doctor"
# If Go finds no C compiler, it turns cgo off by itself; without cgo, the program cannot use any reader.
CGO_ENABLED=1 go build -C "$root" -trimpath -ldflags="-s -w" -o "$program" ./host
echo "3/4 インストールします / installing"
"$program" install "$@"
echo "4/4 最初の診断をします / running the first check"
echo
status=0
"$program" check || status=$?
[ "$status" -le 1 ] || exit "$status"
# The check runs again, for this script to read: without a reader there is little to see, so a simulation follows.
case "$("$program" check --json --only reader || true)" in
  *'"code": "reader.none"'* | *'"code": "service.smart-card-'*)
    echo
    echo "----------------------------------------------------------------------"
    echo "カードリーダーを使えないので、練習用のカードで診断の様子をお見せします。"
    echo "No card reader can be used here, so this shows a check with a simulated card."
    echo
    "$program" check --simulate healthy
    ;;
esac
if [ -t 1 ] && [ "$(id -u)" != 0 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then "$program" guide || true; fi
