#!/usr/bin/env bash
# ./adm test --fresh: proves the README's commands inside a bare Debian 12, made with mmdebstrap in a temporary folder.
#
# The bare system takes this machine's package sources, proxy, certificates and pip settings, and nothing else. What is
# committed is cloned into it; then `./adm test` and `./adm run --check` run there, in namespaces of their own (files,
# processes), with this machine's network. Last, systemd is started in it and the units are tried (units.sh).
# Words: --keep leaves the folder; `-- VERB ...` runs that verb of the launcher in their place, `-- units` the units.
# Exit status: 0 all well, 1 one failed, 2 could not start.
set -euo pipefail

checkout=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
checkout=$(readlink -f "$checkout")
keep=

say() { printf 'fresh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

main() {
  while (($#)); do
    case $1 in
      --keep) keep=1 ;;
      --) shift; break ;;
      *) fail "unknown word '$1'; there are --keep and -- VERB ..." ;;
    esac
    shift
  done
  (($(id -u) == 0)) || fail "it mounts file systems: run it as root"
  command -v mmdebstrap >/dev/null || install_mmdebstrap
  command -v git >/dev/null || fail "it clones the checkout: install git"
  [[ -z $(git -c safe.directory='*' -C "$checkout" status --porcelain --untracked-files=no) ]] ||
    say "note: changes that are not committed are not tried"

  work=$(mktemp --directory "${TMPDIR:-/tmp}/adm-fresh.XXXXXX")
  trap clean_up EXIT
  say "making a bare Debian 12 in $work/root"
  make_root
  git -c safe.directory='*' clone --quiet --no-hardlinks "$checkout" "$work/root/srv/adm"
  local status=0
  if (($#)); then
    try "$@" || status=1
  else
    try test || status=1
    try run --check || status=1
    try units || status=1
  fi
  exit "$status"
}

install_mmdebstrap() {
  say "installing mmdebstrap"
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends mmdebstrap >/dev/null ||
    fail "mmdebstrap cannot be installed: apt-get install mmdebstrap"
}

clean_up() {
  [[ -n $keep ]] && say "left in $work" && return
  rm -rf --one-file-system "$work"
}

make_root() {
  local sources
  mapfile -t sources < <(grep -lEr '(^|[[:space:]])bookworm([[:space:]]|$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null)
  ((${#sources[@]})) || fail "this machine's apt has no source for Debian 12 (bookworm)"
  apt-config dump Acquire | grep -iE 'proxy|cainfo|verify' >"$work/apt.conf" || true
  mmdebstrap --variant=minbase --mode=root --quiet --aptopt="$work/apt.conf" bookworm "$work/root" "${sources[@]}" ||
    fail "mmdebstrap could not make a Debian 12"
  take_settings
}

take_settings() { # certificates, pip's settings and the local folders these name
  local root=$work/root name value
  cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
  if [[ -f /etc/pip.conf ]]; then cp /etc/pip.conf "$root/etc/pip.conf"; fi
  mkdir -p "$root/etc/adm-fresh"
  {
    while IFS='=' read -r name value; do
      case ${name,,} in
        pip_* | *_proxy | ssl_cert_file | requests_ca_bundle | curl_ca_bundle) ;;
        *) continue ;;
      esac
      if [[ -f $value ]]; then
        cp "$value" "$root/etc/adm-fresh/$name"
        value=/etc/adm-fresh/$name
      fi
      echo "$name=$value"
    done < <(env)
  } >"$work/environment"
  { cat "$work/environment" /etc/pip.conf 2>/dev/null || true; } | grep -oE '/[A-Za-z0-9._/+-]+' |
    sort -u | while read -r value; do if [[ -d $value && $value != / ]]; then echo "$value"; fi; done >"$work/folders"
  if [[ -f /etc/pip.conf ]]; then name_certificates "$root/etc/pip.conf"; fi
}

name_certificates() { # pip.conf may name a bundle that the bare system has not, or will write itself
  local bundle
  bundle=$(sed -nE 's/^cert *= *//p' "$1")
  if [[ -f $bundle ]]; then
    cp "$bundle" "$work/root/etc/adm-fresh/pip-cert"
    sed -i -E 's|^cert *=.*|cert = /etc/adm-fresh/pip-cert|' "$1"
  fi
}

try() { # try VERB...: runs ./adm VERB in the bare system; `units` is tried under systemd
  local started=$SECONDS status=0 program=("${BASH_SOURCE[0]}" --inside "$work" "$@")
  if [[ $1 == units ]]; then program=("$work/root/srv/adm/tests/system/units.sh" --boot "$work"); fi
  say "trying: $*"
  unshare --mount --propagation private --pid --fork --kill-child --ipc --uts --cgroup \
    bash "${program[@]}" </dev/null || status=$?
  if [[ $1 == units ]]; then cat "$work/root/srv/units.log"; fi
  if ((status)); then
    say "$*: FAILED (exit status $status) after $((SECONDS - started)) s"
  else
    say "$*: passed in $((SECONDS - started)) s"
  fi
  return "$status"
}

inside() { # inside WORK VERB...: in the namespaces: enters the bare system for good, then runs the launcher
  local root=$1/root folder
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=0755 run "$root/run"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  while read -r folder; do
    mkdir -p "$root$folder"
    mount --bind -o ro "$folder" "$root$folder"
  done <"$1/folders"
  local environment
  mapfile -t environment <"$1/environment"
  shift
  # pivot_root and not chroot: in a chroot, no process may make the namespaces that the virtual devices live in.
  cd "$root"
  mkdir -p .old
  pivot_root . .old
  exec env --ignore-environment "${environment[@]}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 CI=true \
    bash -c 'umount -l /.old && rmdir /.old && cd /srv/adm && ./adm "$@"; exit $?' bash "$@" # bash collects what ends
}

if [[ ${1:-} == --inside ]]; then
  inside "${@:2}"
fi
main "$@"
