#!/bin/sh
# Makes a Debian trixie with Wine 10 in a folder, for the tests of the Windows program (Debian bookworm's Wine 8 lacks
# what Go needs), and in it a new Windows in English and one in Japanese, which each test copies. Does nothing where they
# are already there. Needs root, debootstrap and about 2.5 GB.
#   setup.sh DIR
set -eu
dir=$1
[ -e "$dir/ready" ] && [ -e "$dir/installed" ] && exit 0
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
for locale in C.UTF-8 ja_JP.UTF-8; do
  # shellcheck disable=SC2016 # the inner shell expands it
  unshare -m sh -c 'mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" &&
    exec chroot "$1" env -i HOME=/root PATH=/usr/lib/wine:/usr/bin:/bin LC_ALL="$2" WINEDEBUG=-all WINEARCH=win64 \
      WINEPREFIX="/prefix-$2" sh -c "wineboot --init && wineserver -w"' sh "$dir" "$locale" >>"$dir.log" 2>&1
done
touch "$dir/ready" "$dir/installed"
