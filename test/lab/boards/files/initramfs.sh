#!/bin/busybox sh
# PID 1 of the initramfs: loads what it takes to see the disk, and hands over to the board's own init.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
while read -r module; do insmod "$module"; done </modules
tries=0
until [ -b /dev/vda ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { echo "no disk"; exit 1; }
  sleep 0.1
done
# Half-written tables of inodes are nobody's business within the life of a test.
mount -t ext4 -o noinit_itable /dev/vda /root || exit 1
umount /proc
mount --move /dev /root/dev
exec switch_root /root /sbin/init
