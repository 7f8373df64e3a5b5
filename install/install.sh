#!/bin/sh
# Builds etax-doctor, installs it for this user, registers it for the browsers found, and runs the first check.
#   install.sh [--user-data-dir DIR]    only the browser profile in DIR
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  "" | --user-data-dir | --user-data-dir=*) ;;
  *) echo "usage: $0 [--user-data-dir DIR]" >&2; exit 2 ;;
esac
if ! command -v go >/dev/null; then
  echo "Go が必要です / Go is needed: https://go.dev/dl/" >&2
  exit 3
fi

echo "1/4 必要な部品を確かめます / checking what the build needs"
./install/deps.sh build
echo "2/4 プログラムを作ります / building the program"
mkdir -p bin
go build -trimpath -ldflags="-s -w" -o bin/etax-doctor ./host
echo "3/4 インストールします（これから変わるファイル） / installing (files that will change):"
./bin/etax-doctor install "$@"
echo "4/4 最初の診断をします / running the first check"
echo
status=0
found=$(./bin/etax-doctor check --json) || status=$?
if [ "$status" -gt 1 ]; then
  exit "$status"
fi
case "$found" in
  *'"code": "reader.none"'* | *'"code": "service.smart-card-stopped"'* | *'"code": "service.smart-card-missing"'*)
    echo "カードリーダーがつながっていないので、練習用のカードで動きをお見せします。"
    echo "No card reader is connected, so this shows how it works with a simulated card."
    echo
    ./bin/etax-doctor check --simulate healthy
    ;;
  *) ./bin/etax-doctor check || true ;;
esac
