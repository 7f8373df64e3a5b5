#!/bin/sh
# Removes everything that install.sh has installed.
#   uninstall.sh [--user-data-dir DIR] [--scope system]    the options of "etax-doctor uninstall"
set -eu
program="$HOME/.local/bin/etax-doctor"
[ -x "$program" ] || program=/usr/local/bin/etax-doctor
[ -x "$program" ] || program=$(cd "$(dirname "$0")/.." && pwd)/bin/etax-doctor # of the checkout
if [ ! -x "$program" ]; then
  echo "etax-doctor はインストールされていません / etax-doctor is not installed"
  exit 0
fi
exec "$program" uninstall "$@"
