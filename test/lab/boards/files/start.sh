#!/bin/sh
# What an init system does before the first service: mounts, modules, the network of QEMU's user mode.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done
hostname -F /etc/hostname
for module in virtio_net overlay bridge br_netfilter veth nf_tables nft_compat nf_nat nft_chain_nat xt_MASQUERADE \
  xt_conntrack xt_addrtype xt_nat virtio_rng rtc_pl031; do
  modprobe -q "$module"
done
# A kernel without an early driver starts in 1970 when the clock's module comes late.
[ -e /dev/rtc0 ] && /bin/busybox hwclock -s -u
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
