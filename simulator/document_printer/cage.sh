#!/bin/sh
# ippeveprinter with a D-Bus and an Avahi of its own: `cage.sh RUNTIME PORT FORMATS`, started under unshare(1).
#
# All three want fixed places under /run; inside this mount namespace /run is ours alone, and Avahi, which listens on
# every interface, gets a network without any. Whoever kills the first process of the PID namespace ends all.
set -eu
runtime=$1
port=$2
formats=$3

# Held open, lest RUNTIME itself lies under /run.
cd "$runtime"
mount -t tmpfs tmpfs /run
mkdir /run/dbus /run/avahi-daemon
# Avahi wants its folder to be its user's; started by an ordinary user, this namespace has but one user.
echo 'avahi:x:0:0::/:/bin/false' >passwd
echo 'avahi:x:0:' >group
mount --bind passwd /etc/passwd
mount --bind group /etc/group

wait_for_socket() {
    tries=0
    until [ -S "$1" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 500 ]; then
            echo "no $1 after five seconds" >&2
            exit 1
        fi
        sleep 0.01
    done
}

dbus-daemon --config-file=dbus.conf --nofork --nopidfile &
wait_for_socket /run/dbus/system_bus_socket
unshare --net avahi-daemon --file avahi.conf --no-chroot --no-drop-root --no-rlimits &
wait_for_socket /run/avahi-daemon/socket
exec ippeveprinter -r off -n localhost -p "$port" -d spool -K ssl -f "$formats" \
    -M ADM -m "Simulated A4 printer" -c ./print "ADM A4"
