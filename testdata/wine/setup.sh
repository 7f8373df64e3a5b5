#!/bin/sh
# Makes a Debian trixie with Wine 10 in a folder, for the tests of the Windows program (Debian bookworm's Wine 8 lacks
# what Go needs). Does nothing where it is already there. Needs root, debootstrap and about 2.5 GB.
#   setup.sh DIR
set -eu
dir=$1
[ -e "$dir/ready" ] && [ -e "$dir/japanese" ] && exit 0
if [ "$(id -u)" != 0 ] || ! unshare -m true; then
  echo "not checked: the Windows program under Wine, which needs root and mount namespaces"
  exit 0
fi
rm -rf --one-file-system "$dir"
echo "making a Debian trixie with Wine (about 2.5 GB) in $dir"
if ! debootstrap --variant=minbase --include=wine64,wine,libpcsclite1,procps,locales trixie "$dir" >"$dir.log" 2>&1; then
  tail -n 5 "$dir.log"
  echo "not checked: the Windows program under Wine, whose chroot could not be made"
  exit 0
fi
# Wine's winscard calls libpcsclite, whose protocol has to be that of the pcscd outside.
mkdir -p "$dir/pcsclite" "$dir/outside"
cp -L /usr/lib/*/libpcsclite.so.1 "$dir/pcsclite/"
chroot "$dir" localedef -i ja_JP -f UTF-8 ja_JP.UTF-8 # in which Wine uses code page 932
touch "$dir/ready" "$dir/japanese"
