// Stand-ins for tonistiigi/binfmt, multiarch/qemu-user-static and linuxkit/binfmt, which cannot be pulled where the tests
// run. They take the same arguments and say the same things, mount binfmt_misc inside their privileged container as the
// originals do, and really register QEMU with the kernel of this machine: Debian's static one, with the originals' names,
// flags and paths. What they stand in for is the contract; the QEMU inside the originals is not tested by them.
import { readFile } from "node:fs/promises";
import { OCI_MANIFEST } from "../../src/core/image/index.ts";
import { busyboxLayer } from "./images.ts";
import { digestOf, type PushTarget, pushBlob, pushManifest } from "./push.ts";
import { type TarFile, tar } from "./tar.ts";

/** Emulators that the stand-ins have; `riscv64` only the first. */
const EMULATORS = {
  arm: { architecture: "arm", elf: "01 01", machine: "28 00" },
  aarch64: { architecture: "arm64", elf: "02 01", machine: "b7 00" },
  riscv64: { architecture: "riscv64", elf: "02 01", machine: "f3 00" },
} as const;
type Emulator = keyof typeof EMULATORS;

const MASK = "ff ff ff ff ff ff ff 00 ff ff ff ff ff ff ff ff fe ff ff ff";

/** The magic of ELF programs for it, in hexadecimal digits, as QEMU's own qemu-binfmt-conf.sh has it. */
export function magicOf(emulator: Emulator): { readonly magic: string; readonly mask: string } {
  const { elf, machine } = EMULATORS[emulator];
  const magic = `7f 45 4c 46 ${elf} 01 00 00 00 00 00 00 00 00 00 02 00 ${machine}`;
  return { magic: magic.replaceAll(" ", ""), mask: MASK.replaceAll(" ", "") };
}

/** A register line up to its flags, as it stands in a shell's single quotes. */
function rule(emulator: Emulator, suffix: string): string {
  const escaped = (digits: string) => digits.replace(/../g, "\\x$&");
  const { magic, mask } = magicOf(emulator);
  return `:qemu-${emulator}:M:0:${escaped(magic)}:${escaped(mask)}:/usr/bin/qemu-${emulator}${suffix}`;
}

const MOUNT = `M=/proc/sys/fs/binfmt_misc
[ -f $M/status ] || mount -t binfmt_misc binfmt_misc $M || exit 1
`;

/** cmd/binfmt/main.go: never ends with anything but 0, leaves an entry of the same name as it is, flags CF. */
function tonistiigi(emulators: readonly Emulator[]): string {
  const cases = emulators.map(
    (name) => `  ${EMULATORS[name].architecture}) n=qemu-${name} r='${rule(name, "")}:CF';;`,
  );
  return `#!/bin/sh
${MOUNT}
install= uninstall=
while [ $# -gt 0 ]; do
  case $1 in
  --install) install=$2; shift 2;;
  --uninstall) uninstall=$2; shift 2;;
  *) echo "flag provided but not defined: $1" >&2; exit 2;;
  esac
done
IFS=,
for name in $uninstall; do
  if [ -f $M/$name ]; then echo -1 > $M/$name; echo "uninstalling: $name OK" >&2
  else echo "uninstalling: $name not found" >&2; fi
done
for arch in $install; do
  r=
  case $arch in
${cases.join("\n")}
  esac
  if [ -z "$r" ]; then echo "installing: $arch unsupported architecture: $arch" >&2; continue; fi
  if [ -e $M/$n ]; then echo "installing: $arch $n already registered" >&2; continue; fi
  if printf '%s' "$r" > $M/register; then echo "installing: $arch OK" >&2; fi
done
printf '{"emulators": ['; sep=; for f in $M/*-*; do printf '%s"%s"' "$sep" "\${f##*/}"; sep=', '; done; echo ']}'
`;
}

/** containers/latest/register.sh and qemu-binfmt-conf.sh: --reset drops every qemu-*, -p yes is the F flag. */
function multiarch(emulators: readonly Emulator[]): string {
  const lines = emulators.map(
    (name) => `echo "Setting /usr/bin/qemu-${name}-static as binfmt interpreter for ${name}"
printf '%s' '${rule(name, "-static")}:'$flags > $M/register || exit 1`,
  );
  return `#!/bin/sh
${MOUNT}
if [ "$1" = --reset ]; then shift; for f in $M/qemu-*; do [ -f $f ] && echo -1 > $f; done; fi
flags=
[ "$1 $2" = '-p yes' ] && flags=F
${lines.join("\n")}
`;
}

/** pkg/binfmt/main.go: no arguments, replaces what has the same name, flags CF; arm64's magic is 19 bytes there. */
function linuxkit(emulators: readonly Emulator[]): string {
  const shorter = (name: Emulator) =>
    name === "aarch64"
      ? rule(name, "").replace("\\x00:", ":").replace("\\xff:/usr", ":/usr")
      : rule(name, "");
  const lines = emulators.map(
    (name) => `[ -f $M/qemu-${name} ] && echo -1 > $M/qemu-${name}
printf '%s' '${shorter(name)}:CF' > $M/register || exit 1`,
  );
  return `#!/bin/sh
[ $# -eq 0 ] || exit 2
${MOUNT}
${lines.join("\n")}
`;
}

/** An amd64 image of one layer, as it is: compressing three times QEMU takes longer than all that is done with it. */
async function pushUncompressed(target: PushTarget, files: Readonly<Record<string, TarFile>>): Promise<void> {
  const layer = tar(files);
  const image = {
    ...{ architecture: "amd64", os: "linux", history: [] },
    config: { Entrypoint: ["/register"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  };
  const config = Buffer.from(JSON.stringify(image));
  const described = async (mediaType: string, bytes: Buffer) => {
    return { mediaType, digest: await pushBlob(target, bytes), size: bytes.length };
  };
  await pushManifest(target, "latest", OCI_MANIFEST, {
    ...{ schemaVersion: 2, mediaType: OCI_MANIFEST },
    config: await described("application/vnd.oci.image.config.v1+json", config),
    layers: [await described("application/vnd.oci.image.layer.v1.tar", layer)],
  });
}

export interface EmulatorImages {
  readonly tonistiigi: string;
  readonly multiarch: string;
  readonly linuxkit: string;
}

/** Pushes the three to the registry at `address`, as `ADDRESS/tonistiigi/binfmt:latest` and so on. */
export async function pushEmulatorImages(address: string): Promise<EmulatorImages> {
  const push = async (repository: string, suffix: string, script: string, has: readonly Emulator[]) => {
    const binaries = has.map(async (name): Promise<[string, TarFile]> => {
      const content = await readFile(`/usr/bin/qemu-${name}-static`);
      return [`usr/bin/qemu-${name}${suffix}`, { content, mode: 0o755 }];
    });
    const files = { ...(await busyboxLayer("amd64")), register: { content: script, mode: 0o755 } };
    const layer = { ...files, ...Object.fromEntries(await Promise.all(binaries)) };
    await pushUncompressed({ address, repository }, layer);
    return `${address}/${repository}:latest`;
  };
  const [arm, aarch64, riscv64] = ["arm", "aarch64", "riscv64"] as const;
  const all = tonistiigi([arm, aarch64, riscv64]);
  return {
    tonistiigi: await push("tonistiigi/binfmt", "", all, [arm, aarch64, riscv64]),
    multiarch: await push("multiarch/qemu-user-static", "-static", multiarch([arm, aarch64]), [arm, aarch64]),
    linuxkit: await push("linuxkit/binfmt", "", linuxkit([arm, aarch64]), [arm, aarch64]),
  };
}
