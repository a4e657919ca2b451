// Which container this is, from texts of /proc as engines and kernels write them.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownContainerIds } from "../../../src/adapters/host/index.ts";

const ID = "8f2c".padEnd(64, "01");
const OTHER = "77aa".padEnd(64, "9c");
const LAYER = "e4d909c290d0fb1ca068ffaddf22cbd0".padEnd(64, "d");

let procRoot: string;

beforeEach(async () => {
  procRoot = await mkdtemp(join(tmpdir(), "boardhand-proc-"));
  await mkdir(join(procRoot, "self"));
});

afterEach(async () => {
  await rm(procRoot, { recursive: true, force: true });
});

async function idsOf(
  files: { readonly cgroup?: string; readonly mountinfo?: string },
  hostname = "raspberrypi",
): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(procRoot, "self", name), text);
  return ownContainerIds({ procRoot, hostname });
}

/** As Docker 20.10 on overlay2 has it; `root` is the data root as seen in its file system. */
function dockerMounts(root: string, id: string): string {
  const layers = `lowerdir=${root}/overlay2/l/ABC:${root}/overlay2/l/DEF,upperdir=${root}/overlay2/${LAYER}/diff`;
  return [
    `658 502 0:62 / / ro,relatime master:243 - overlay overlay rw,${layers},workdir=${root}/overlay2/${LAYER}/work`,
    "659 658 0:65 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
    "668 662 0:60 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw",
    `670 658 179:2 ${root}/containers/${id}/resolv.conf /etc/resolv.conf rw,noatime - ext4 /dev/root rw`,
    `671 658 179:2 ${root}/containers/${id}/hostname /etc/hostname rw,noatime - ext4 /dev/root rw`,
    `672 658 179:2 ${root}/containers/${id}/hosts /etc/hosts rw,noatime - ext4 /dev/root rw`,
    `673 658 179:2 ${root}/volumes/boardhand/_data /data rw,noatime - ext4 /dev/root rw`,
    "674 658 0:23 /docker.sock /run/docker.sock rw,nosuid,nodev - tmpfs tmpfs rw,size=388624k,mode=755",
    "",
  ].join("\n");
}

describe("our own container", () => {
  it.each([
    ["docker on cgroup v1", `12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/docker/${ID}\n`],
    ["docker under systemd, cgroup v2 of the host", `0::/system.slice/docker-${ID}.scope\n`],
    ["docker with a cgroup parent", `4:memory:/boards/${ID}\n`],
    ["podman", `0::/machine.slice/libpod-${ID}.scope/container\n`],
    ["rootless podman", `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope\n`],
    ["an engine inside a container", `9:cpu:/docker/${OTHER}/docker/${ID}\n`],
  ])("must be told by the cgroup: %s", async (_what, cgroup) => {
    expect(await idsOf({ cgroup })).toEqual([ID]);
  });

  it.each([
    ["docker", dockerMounts("/var/lib/docker", ID)],
    ["a data root elsewhere", dockerMounts("/mnt/usb\\040disk/docker", ID)],
    ["a data root that is a file system of its own", dockerMounts("", ID)],
    ["a data root below containers", dockerMounts(`/containers/${OTHER}/containers`, ID)],
    ["an engine inside a container", dockerMounts(`/var/lib/docker/volumes/${OTHER}/_data`, ID)],
    [
      "podman",
      [
        `812 790 0:24 /containers/storage/overlay-containers/${ID}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`,
        `813 790 0:24 /containers/storage/overlay-containers/${ID}/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw`,
      ].join("\n"),
    ],
  ])("must be told by the mounted files where the cgroup is hidden: %s", async (_what, mountinfo) => {
    expect(await idsOf({ cgroup: "0::/\n", mountinfo })).toEqual([ID]);
  });

  it("must be the cgroup's before the files', which are another one's where a network is shared", async () => {
    const mountinfo = dockerMounts("/var/lib/docker", OTHER);
    expect(await idsOf({ cgroup: `0::/docker/${ID}\n`, mountinfo })).toEqual([ID, OTHER]);
  });

  it("may be told by a host name that is a short id, last of all", async () => {
    expect(await idsOf({ cgroup: "0::/\n", mountinfo: "" }, "8f2c01010101")).toEqual(["8f2c01010101"]);
    const mountinfo = dockerMounts("/var/lib/docker", ID);
    expect(await idsOf({ mountinfo }, "0123456789ab")).toEqual([ID, "0123456789ab"]);
  });

  it("must not be taken from what is no sign of one", async () => {
    const mountinfo = [
      "25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw",
      `99 30 0:45 / /var/lib/docker/overlay2/${LAYER}/merged rw,relatime - overlay overlay rw`,
      `98 30 0:46 /containers/${ID}/hostname /mnt/hostname rw - ext4 /dev/root rw`,
      `97 30 0:46 /containers/${ID}/mounts/hosts.d/x /etc/hosts rw - ext4 /dev/root rw`,
      "too short",
    ].join("\n");
    const cgroup = `0::/user.slice/session-3.scope\n1:x:/docker/${ID}0\n1:x:/docker/${ID.slice(1)}\n`;
    expect(await idsOf({ cgroup, mountinfo }, `${"a".repeat(13)}`)).toEqual([]);
    expect(await ownContainerIds({ procRoot: join(procRoot, "absent"), hostname: "board" })).toEqual([]);
  });
});
