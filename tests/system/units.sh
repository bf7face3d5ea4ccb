#!/usr/bin/env bash
# Starts the systemd units under a real systemd, hardening and all, in the bare Debian 12 that fresh.sh made.
#
# --boot WORK: in namespaces of its own, makes WORK/root a system with systemd as its first process.
# --prove: in there, installs as systemd/README.md says, with development keys, and tries what only a running
# systemd shows: every service reaches READY under its hardening, keeps its keys to itself, and a hung daemon is
# restarted by the watchdog. The A4 printer, camera, USB printer and readers are absent: ordinary outcomes.
set -euo pipefail

say() { printf 'units: %s\n' "$*"; }

boot() { # boot WORK: becomes systemd
  local root=$1/root node
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount -t tmpfs -o mode=0755 cgroup "$root/sys/fs/cgroup"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=0755 run "$root/run"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  mount -t tmpfs -o mode=0755 dev "$root/dev"
  for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
  done
  touch "$root/dev/console"
  mount --bind /dev/null "$root/dev/console"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  mkdir -p "$root/opt/adm"
  mount --bind "$root/srv/adm" "$root/opt/adm"
  cat >"$root/etc/systemd/system/adm-proof.service" <<'UNIT'
[Unit]
Wants=systemd-journald.service dbus.socket
After=systemd-journald.service
DefaultDependencies=no

[Service]
Type=oneshot
ExecStart=/opt/adm/tests/system/units.sh --prove
StandardOutput=append:/srv/units.log
StandardError=append:/srv/units.log
TimeoutStartSec=300
ExecStopPost=/bin/sh -c 'systemctl --no-block exit "$$([ "$$SERVICE_RESULT" = success ]; echo $$?)"'
UNIT
  : >"$root/srv/units.log"
  cd "$root"
  mkdir -p .old
  pivot_root . .old
  umount -l /.old
  # Services' credentials are mounted through this.
  mount --make-rshared /
  exec env --ignore-environment container=adm PATH=/usr/sbin:/usr/bin \
    /lib/systemd/systemd --system --unit=adm-proof.service --show-status=0
}

install_adm() {
  local here=/opt/adm keys=/etc/adm/credentials made=/etc/adm/development
  ln -sfn .venv $here/venv
  cp $here/systemd/*.service $here/systemd/*.target /etc/systemd/system/
  mkdir -p /etc/sysusers.d /etc/tmpfiles.d $keys
  cp $here/systemd/sysusers.d/adm.conf /etc/sysusers.d/
  cp $here/systemd/tmpfiles.d/adm.conf /etc/tmpfiles.d/
  systemd-sysusers
  systemd-tmpfiles --create /etc/tmpfiles.d/adm.conf

  (cd $here && PYTHONPATH=$here:$here/proto/gen venv/bin/python -m central init --dir $made)
  chmod -R a+rX $made $here/.adm/models
  install -d -o adm-central -g adm-central /var/lib/adm/central
  install -o adm-central -g adm-central $made/central.sqlite3 /var/lib/adm/central/
  cp $made/pki/server.key $keys/central-tls.key
  cp $made/pki/grant.key $keys/central-grants.key
  cp $made/pki/signer.key $keys/central-signer.key
  cp $made/kiosk-credentials/key.pem $keys/registry.key
  head --bytes=32 /dev/urandom >$keys/sam.secret
  install -m 0600 $here/samples/staff.toml $keys/staff.toml
  local held=/run/credentials/adm-central.service
  sed -e "s|pki/server.key|$held/tls.key|; s|pki/grant.key|$held/grants.key|; s|pki/signer.key|$held/signer.key|" \
    -e "s|\"pki/|\"$made/pki/|; s|central.sqlite3|/var/lib/adm/central/central.sqlite3|" \
    -e 's|^port = .*|port = 17443|' $made/central.toml >/etc/adm/central.toml
  cp $made/kiosk-credentials/ca.pem /etc/adm/central-ca.pem
  cp $made/kiosk-credentials/cert.pem /etc/adm/machine.pem
  cp $made/kiosk-credentials/grant_public_key /etc/adm/grant-public.pem
  sed -e 's|central.example:7443|127.0.0.1:17443|; s|central.example|localhost|' \
    $here/systemd/examples/kiosk.toml >/etc/adm/kiosk.toml
  # No display here: drawn into memory.
  mkdir -p /etc/systemd/system/adm-screens.service.d
  printf '[Service]\nEnvironment=SDL_VIDEODRIVER=offscreen\n' >/etc/systemd/system/adm-screens.service.d/offscreen.conf
  systemctl daemon-reload
}

prop() { systemctl show --property="$2" --value "$1"; }

prove() {
  local service pid
  install_adm
  systemctl start pcscd.socket
  for service in adm-central adm-kiosk adm-screens; do
    systemctl start $service || { journalctl --no-pager --lines=40 --unit $service; return 1; }
    say "$service is ready, as $(prop $service User), $(prop $service NRestarts) restarts"
  done

  for service in adm-screens adm-central; do
    if setpriv --reuid "$(prop $service User)" --clear-groups cat /run/credentials/adm-kiosk.service/registry.key 2>/dev/null; then
      say "FAILED: $service can read the kiosk's key"
      return 1
    fi
  done
  say "nobody else reads the kiosk's key"

  timeout 30 grep --quiet --max-count=1 central_connected \
    < <(journalctl --unit adm-kiosk --follow --lines=all --output=cat 2>/dev/null) ||
    { say "FAILED: the kiosk does not reach central"; return 1; }
  say "the kiosk reaches central over mutual TLS"

  pid=$(prop adm-kiosk MainPID)
  kill -STOP "$pid"
  say "the kiosk daemon hangs; waiting for the watchdog"
  timeout 120 tail --pid="$pid" --follow /dev/null || { say "FAILED: a hung daemon was left alone"; return 1; }
  timeout 60 sh -c 'until systemctl --quiet is-active adm-kiosk && [ "$(systemctl show -P NRestarts adm-kiosk)" = 1 ]; do
    systemctl start adm-kiosk; done' || { say "FAILED: the daemon did not come back"; return 1; }
  say "the daemon was restarted and is ready again"
  [[ $(prop adm-screens NRestarts) == 0 ]] || { say "FAILED: the screens did not outlive the daemon"; return 1; }
  say "the screens lived through it"
}

case ${1:-} in
  --boot) boot "$2" ;;
  --prove) prove ;;
  *) echo "usage: units.sh --boot WORK | --prove" >&2; exit 2 ;;
esac
