#!/bin/sh
# Installs the missing Debian packages for building, for making packages, for making a Wine,
# or for testing (deps.sh build|package|wine|test).
set -eu

build="gcc libc6-dev make pkg-config libpcsclite-dev pcscd libccid"
case "${1:-}" in
  build) packages="$build" ;;
  package) packages="$build wixl msitools git" ;;
  wine) packages="$build debootstrap" ;;
  test) packages="$build wixl msitools git lintian rpm openssl osslsigncode ansible-core vsmartcard-vpcd opensc debootstrap chromium chromium-l10n fonts-noto-cjk shellcheck" ;;
  *) echo "usage: $0 build|package|wine|test" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

stop() {
  printf '%s\n%s\n  %s\n' "$1" "$2" "apt-get install$missing" >&2
  exit 3
}
command -v apt-get >/dev/null ||
  stop "次の部品を入れてから、もう一度実行してください。" "Please install these with your system's package manager and run this again:"
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null ||
    stop "管理者（root）で次を実行してから、もう一度実行してください。" "Please run this as root, then run this script again:"
  as_root="sudo"
fi
echo "部品を入れます / installing Debian packages:$missing"
# On a new machine, Debian's own updates may hold the locks for some minutes.
tries=0
until said=$($as_root env LC_ALL=C apt-get update -qq 2>&1); do
  tries=$((tries + 1))
  if [ "$tries" -ge 100 ] || [ "${said#*Could not get lock}" = "$said" ]; then
    printf '%s\n' "$said" >&2
    exit 1
  fi
  sleep 5
done
# shellcheck disable=SC2086 # the list is one word per package on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing >/dev/null
