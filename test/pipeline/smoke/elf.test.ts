// Programs of real toolchains are told apart, and nothing that is no program can make the readers throw or linger.
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import { parseArmAttributes, readArmBuild } from "../../../src/pipeline/smoke/arm-attributes.ts";
import { elfSection, readElf } from "../../../src/pipeline/smoke/elf.ts";
import { readGoBuild } from "../../../src/pipeline/smoke/go-build.ts";
import { describeMachine, judgeMachine, machineOf } from "../../../src/pipeline/smoke/machine.ts";
import { busyboxLayer, type LabArch } from "../../lab/images.ts";

const ARCHES: readonly LabArch[] = ["amd64", "arm64", "armhf", "armel", "i386"];
const binaries = new Map<LabArch, Buffer>();

beforeAll(async () => {
  for (const arch of ARCHES) {
    const { "bin/busybox": file } = await busyboxLayer(arch);
    binaries.set(arch, Buffer.from(file?.content ?? ""));
  }
}, 300_000);

function binary(arch: LabArch): Buffer {
  const found = binaries.get(arch);
  if (found === undefined) throw new Error(`no busybox for ${arch}`);
  return found;
}

function machine(bytes: Uint8Array): string {
  const elf = readElf(bytes);
  if (elf === null) return "no ELF";
  return describeMachine(machineOf(elf, readArmBuild(bytes, elf.littleEndian)));
}

describe("a program's processor", () => {
  it.each([
    ["amd64", "amd64"],
    ["arm64", "arm64"],
    ["armhf", "arm v7 hard float"],
    ["armel", "arm v5TE"],
    ["i386", "386"],
  ] as const)("must be known for Debian's %s", (arch, words) => {
    expect(machine(binary(arch))).toBe(words);
  });

  it("must be known for this machine's own shell and node, with their loaders", async () => {
    const own = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];
    for (const path of ["/bin/sh", process.execPath]) {
      const head = (await readFile(path)).subarray(0, 65_536);
      expect(machine(head)).toBe(own);
      expect(readElf(head)?.loader).toMatch(/^\/lib.*ld-/);
    }
  });

  // e_ident's class and data, e_machine.
  it.each([
    [2, 1, 243, "riscv64"],
    [2, 1, 21, "ppc64le"],
    [2, 2, 21, "ppc64"],
    [2, 2, 22, "s390x"],
    [1, 2, 8, "mips"],
    [1, 1, 8, "mipsle"],
    [2, 1, 8, "mips64le"],
    [2, 1, 258, "loong64"],
    [1, 1, 62, "amd64p32"],
    [2, 1, 9999, "machine 9999"],
  ])("must be known by its header: class %i, data %i, machine %i", (fileClass, data, number, words) => {
    expect(machine(header(fileClass, data, number))).toBe(words);
  });

  it("must be nothing for what is no ELF", () => {
    for (const bytes of ["", "\x7fEL", "#!/bin/sh\n", "\x7fELF", "\x7fELF\x05\x01", "\x7fELF\x01\x07"]) {
      expect(readElf(Buffer.from(bytes, "latin1"))).toBeNull();
    }
  });

  it("must be arm without a version when the end of the file, with the attributes, is missing", () => {
    expect(machine(binary("armhf").subarray(0, 65_536))).toBe("arm");
  });
});

describe("what an ARM program says that it needs", () => {
  it.each([
    [4, "v5TE", 5],
    [6, "v6", 6],
    [7, "v6KZ", 6],
    [9, "v6K", 6],
    [10, "v7", 7],
    [14, "v8", 8],
    [22, "v9", 9],
  ])("must be read from Tag_CPU_arch %i", (value, name, level) => {
    expect(parseArmAttributes(attributes([6, value]), true)).toEqual({ name, level, hardFloat: false });
  });

  it("must be found behind names, other vendors and tags that are not known", () => {
    const compatibility = [32, 1, ...text("")];
    const conformance = [67, ...text("2.09x")];
    const own = [5, ...text("ARM1176JZF-S"), ...compatibility, ...conformance, 6, 7, 28, 1];
    const known = attributes(own);
    const foreign = part("gnu", [1, 2, 3]);
    const section = Buffer.concat([Buffer.from("A"), foreign, known.subarray(1)]);
    expect(parseArmAttributes(section, true)).toEqual({ name: "v6KZ", level: 6, hardFloat: true });
  });

  it("must not be guessed from attributes that make no sense", () => {
    const cut = attributes([6, 10]);
    for (const section of [
      Buffer.from(""),
      Buffer.from("B"),
      Buffer.from("A"),
      attributes([]),
      attributes([6, 99]),
      attributes([0x86, 0x80, 0x80, 0x80, 0x80, 0x80]),
      cut.subarray(0, cut.length - 1),
      part("aeabi", []),
    ]) {
      expect(parseArmAttributes(section, true)).toBeNull();
    }
  });

  it("must be read from the settings of a Go program", () => {
    const settings = "\xff Go buildinf:\x08\x02build\tGOARCH=arm\nbuild\tGOARM=6,hardfloat\n";
    const file = withSection(".go.buildinfo", Buffer.from(settings, "latin1"));
    expect(readGoBuild(file)).toMatchObject({ level: 6 });
    expect(readGoBuild(withSection(".go.buildinfo", Buffer.from("\tGOARM=6\n")))).toBeNull();
    expect(readGoBuild(binary("armhf"))).toBeNull();
  });
});

describe("whether a program keeps the promise of its image", () => {
  const arm = (level: number, hardFloat = false) => ({
    architecture: "arm",
    arm: { name: `v${level}`, level, hardFloat },
  });
  const plain = (architecture: string) => ({ architecture, arm: null });

  it.each([
    [arm(7), "linux/arm/v7"],
    [arm(6), "linux/arm/v7"],
    [arm(5), "linux/arm/v6"],
    [plain("arm64"), "linux/arm64"],
    [plain("amd64"), "linux/amd64"],
    [plain("riscv64"), "linux/riscv64"],
  ])("must be yes without a word for %j on %s", (one, platform) => {
    expect(judgeMachine(one, parsePlatform(platform))).toEqual({ kind: "runs", remark: null });
  });

  it.each([
    [arm(7), "linux/arm/v6"],
    [arm(6), "linux/arm/v5"],
    [arm(8), "linux/arm/v7"],
    [arm(7), "linux/arm64"],
    [plain("amd64"), "linux/arm/v7"],
    [plain("amd64"), "linux/386"],
    [plain("arm64"), "linux/arm/v8"],
    [plain("machine 94"), "linux/arm64"],
  ])("must be no for %j on %s", (one, platform) => {
    expect(judgeMachine(one, parsePlatform(platform)).kind).toBe("foreign");
  });

  it.each([
    [plain("386"), "linux/amd64", "32-bit program"],
    [plain("arm"), "linux/arm/v6", "was not checked"],
    [arm(5, true), "linux/arm/v5", "floating point"],
  ])("must be yes with a remark for %j on %s", (one, platform, words) => {
    expect(judgeMachine(one, parsePlatform(platform))).toMatchObject({
      kind: "runs",
      remark: expect.stringContaining(words),
    });
  });
});

describe("hostile bytes", () => {
  const reads = (bytes: Uint8Array): void => {
    readElf(bytes);
    elfSection(bytes, ".ARM.attributes");
    readArmBuild(bytes, true);
    readGoBuild(bytes);
    parseArmAttributes(bytes, true);
    parseArmAttributes(bytes, false);
  };

  it("must never make a reader throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => reads(bytes)));
    const afterMagic = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(afterMagic, fc.constantFrom(1, 2), fc.constantFrom(1, 2), (rest, fileClass, data) => {
        reads(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, fileClass, data]), rest]));
        reads(Buffer.concat([Buffer.from("A"), rest]));
      }),
      { numRuns: 2000 },
    );
  });

  it("must never make a reader throw or linger when a real program is cut or changed", () => {
    const started = performance.now();
    const damage = fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...ARCHES), fc.nat(), damage, (arch, cut, changes) => {
        const whole = binary(arch);
        const bytes = Buffer.from(whole.subarray(0, cut % 3 === 0 ? whole.length : cut % whole.length));
        for (const [at, value] of changes) if (at > 5 && at < bytes.length) bytes[at] = value;
        reads(bytes);
      }),
      { numRuns: 300 },
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("must not be followed to offsets beyond every file", () => {
    const bytes = Buffer.concat([header(2, 1, 62), Buffer.alloc(200)]);
    for (const at of [32, 40]) bytes.writeBigUInt64LE(0xffff_ffff_ffff_fff0n, at);
    for (const [at, value] of [
      [54, 56],
      [56, 0xffff],
      [58, 64],
      [60, 0xffff],
      [62, 0xfffe],
    ] as const) {
      bytes.writeUInt16LE(value, at);
    }
    expect(readElf(bytes)?.loader).toBeNull();
    expect(elfSection(bytes, ".text")).toBeNull();
  });
});

function header(fileClass: number, data: number, number: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("\x7fELF", "latin1");
  bytes[4] = fileClass;
  bytes[5] = data;
  if (data === 1) bytes.writeUInt16LE(number, 18);
  else bytes.writeUInt16BE(number, 18);
  return bytes;
}

function text(words: string): number[] {
  return [...Buffer.from(`${words}\0`)];
}

/** A vendor's part: length, name, content. */
function part(vendor: string, content: readonly number[]): Buffer {
  const name = text(vendor);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(4 + name.length + content.length);
  return Buffer.concat([length, Buffer.from([...name, ...content])]);
}

/** `.ARM.attributes` with these attributes of the whole file. */
function attributes(content: readonly number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(5 + content.length);
  return Buffer.concat([Buffer.from("A"), part("aeabi", [1, ...length, ...content])]);
}

/** A 32-bit ARM file of one section and the names of sections. */
function withSection(name: string, content: Buffer): Buffer {
  const names = Buffer.from(`\0${name}\0`);
  const start = 52;
  const file = Buffer.alloc(start + content.length + names.length + 80);
  header(1, 1, 40).copy(file, 0, 0, 52);
  content.copy(file, start);
  names.copy(file, start + content.length);
  const table = start + content.length + names.length;
  file.writeUInt32LE(table, 32);
  for (const [at, value] of [
    [46, 40],
    [48, 2],
    [50, 1],
  ] as const)
    file.writeUInt16LE(value, at);
  const section = (index: number, title: number, offset: number, size: number): void => {
    file.writeUInt32LE(title, table + index * 40);
    file.writeUInt32LE(offset, table + index * 40 + 16);
    file.writeUInt32LE(size, table + index * 40 + 20);
  };
  section(0, 1, start, content.length);
  section(1, 0, start + content.length, names.length);
  return file;
}
