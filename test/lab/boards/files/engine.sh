#!/bin/sh
# Started again by init whenever it ends, as systemd does for docker.service. Its log is the board's, and is kept.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A port that is open to QEMU's side alone: the host hands it on from its own 127.0.0.1.
exec dockerd --tls=false -H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375 >>/var/log/docker.log 2>&1
