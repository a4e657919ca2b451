// The programs that scripts and tests need and a machine may lack, each with the package of Debian's that brings it.

export const packageOf = /** @type {const} */ ({
  "arch-test": "arch-test",
  busybox: "busybox-static",
  chromium: "chromium",
  cpio: "cpio",
  depmod: "kmod",
  docker: "docker.io",
  "docker-registry": "docker-registry",
  dockerd: "docker.io",
  faketime: "faketime",
  ip: "iproute2",
  iptables: "iptables",
  "mkfs.ext4": "e2fsprogs",
  mmdebstrap: "mmdebstrap",
  nginx: "nginx-light",
  openssl: "openssl",
  "qemu-arm-static": "qemu-user-static",
  "qemu-img": "qemu-utils",
  "qemu-system-aarch64": "qemu-system-arm",
  setpriv: "util-linux",
  shellcheck: "shellcheck",
  "systemd-analyze": "systemd",
  "update-binfmts": "binfmt-support",
});

/** @typedef {keyof typeof packageOf} Program */

/** To start an engine. @type {readonly Program[]} */
export const engine = ["dockerd", "iptables", "ip"];

/** To run programs of other processors. @type {readonly Program[]} */
export const emulation = ["qemu-arm-static", "update-binfmts"];

/** To make images and disks of Debian packages. @type {readonly Program[]} */
export const debootstrap = ["mmdebstrap", "arch-test"];
