// Which platform a program was built for, and whether it belongs into an image that promises another.
import type { Platform } from "../../core/model/index.ts";
import { formatPlatform } from "../../core/model/index.ts";
import type { ArmBuild } from "./arm-attributes.ts";
import type { ElfHeader } from "./elf.ts";

/** e_machine by the words of images; a pair where the byte order decides: little, big. */
const MACHINES: Readonly<Record<string, string | readonly [string, string]>> = {
  "32/3": "386",
  "32/8": ["mipsle", "mips"],
  "32/20": "ppc",
  "32/40": ["arm", "armbe"],
  "32/62": "amd64p32",
  "32/183": "arm64 with 32-bit addresses",
  "32/243": "riscv32",
  "64/8": ["mips64le", "mips64"],
  "64/21": ["ppc64le", "ppc64"],
  "64/22": "s390x",
  "64/43": "sparc64",
  "64/50": "ia64",
  "64/62": "amd64",
  "64/183": "arm64",
  "64/243": "riscv64",
  "64/258": "loong64",
};

const EF_ARM_ABI_FLOAT_HARD = 0x400;

/** What one program is, in words that people know from images. */
export interface Machine {
  /** `amd64`, `arm`; `machine 94` for what has no word here. */
  readonly architecture: string;
  /** 32-bit ARM alone, where the program says it. */
  readonly arm: ArmBuild | null;
}

export function machineOf(elf: ElfHeader, arm: ArmBuild | null): Machine {
  const known = MACHINES[`${elf.bits}/${elf.machine}`];
  const architecture = typeof known === "string" ? known : known?.[elf.littleEndian ? 0 : 1];
  const hardFloat = (elf.flags & EF_ARM_ABI_FLOAT_HARD) !== 0;
  return {
    architecture: architecture ?? `machine ${elf.machine}`,
    arm: arm === null ? null : { ...arm, hardFloat: arm.hardFloat || hardFloat },
  };
}

/** `amd64`, `arm v7 hard float`. */
export function describeMachine({ architecture, arm }: Machine): string {
  if (arm === null) return architecture;
  return `${architecture} ${arm.name}${arm.hardFloat ? " hard float" : ""}`;
}

/** `runs` with a remark: it is right, and still worth a word. */
export type Fit =
  | { readonly kind: "runs"; readonly remark: string | null }
  | { readonly kind: "foreign"; readonly why: string };

/** Whether a program of this machine runs wherever an image for `promised` may be pulled. */
export function judgeMachine(machine: Machine, promised: Platform): Fit {
  const wanted = promised.architecture;
  if (machine.architecture !== wanted) {
    if (machine.architecture === "386" && wanted === "amd64") {
      return { kind: "runs", remark: "is a 32-bit program: it needs a kernel with 32-bit support" };
    }
    return {
      kind: "foreign",
      why: `is for ${describeMachine(machine)}, the image promises ${formatPlatform(promised)}`,
    };
  }
  if (wanted !== "arm") return { kind: "runs", remark: null };
  if (machine.arm === null) {
    return { kind: "runs", remark: "does not say which ARM it needs, and was not checked for that" };
  }
  return judgeArm(machine.arm, promised);
}

function judgeArm(arm: ArmBuild, promised: Platform): Fit {
  const level = Number(/^v(\d)$/.exec(promised.variant ?? "v7")?.[1] ?? "7");
  if (arm.level > level) {
    const why = `is built for ARM${arm.name}, the image promises ${formatPlatform(promised)}: on such a processor it ends with an illegal instruction (exit 132 or 139)`;
    return { kind: "foreign", why };
  }
  if (level <= 5 && arm.hardFloat) {
    return {
      kind: "runs",
      remark: "keeps numbers in floating point registers, which most ARMv5 processors do not have",
    };
  }
  return { kind: "runs", remark: null };
}
