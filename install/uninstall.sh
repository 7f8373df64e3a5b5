#!/bin/sh
# Removes everything that install.sh has put in place for this user.
#   uninstall.sh --user-data-dir DIR    only the registration in the browser profile in DIR
set -eu
program="$HOME/.local/bin/etax-doctor"
if [ ! -x "$program" ]; then
  echo "etax-doctor はインストールされていません / etax-doctor is not installed"
  exit 0
fi
echo "次のものを取り除きます / removing:"
exec "$program" uninstall "$@"
