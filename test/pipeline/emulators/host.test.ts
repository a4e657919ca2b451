// Which file of binfmt.d registers which emulator, from what systemd-binfmt prints.
import { describe, expect, test } from "vitest";
import { readBinfmtConfig } from "../../../src/pipeline/emulators/host.ts";
import { toolPath } from "../../../src/pipeline/emulators/host-tools.ts";

const EMULATORS = ["qemu-arm", "qemu-aarch64"];
const read = (...lines: readonly string[]) => readBinfmtConfig(lines.join("\n"), EMULATORS);
const RULE = ":M::\\x7fELF:\\xff\\xff\\xff\\xff:/usr/bin/qemu-arm-static:F";

describe("the configuration of systemd-binfmt", () => {
  test("must be read file by file", () => {
    expect(
      read(
        ...["# /usr/lib/binfmt.d/python3.11.conf", ":python3.11:M::\\xa7:/usr/bin/python3.11:", ""],
        ...["# /usr/lib/binfmt.d/qemu-aarch64-static.conf", `:qemu-aarch64${RULE}`],
        ...["# /etc/binfmt.d/mine.conf", "# a comment", ";another", "!qemu-arm!M!!\\x7fELF!!/usr/bin/x!F"],
      ),
    ).toEqual({
      "qemu-aarch64": "/usr/lib/binfmt.d/qemu-aarch64-static.conf",
      "qemu-arm": "/etc/binfmt.d/mine.conf",
    });
  });

  test("must let the later of two files count", () => {
    expect(read("# /a.conf", `:qemu-arm${RULE}`, "# /b.conf", `:qemu-arm${RULE}`)).toEqual({
      "qemu-arm": "/b.conf",
    });
  });

  test.each([
    ["a rule of no file", [`:qemu-arm${RULE}`]],
    ["a longer name", ["# /a.conf", `:qemu-armeb${RULE}`]],
    ["a comment", ["# /a.conf", `#qemu-arm#M#`]],
    ["a rule by extension", ["# /a.conf", ":qemu-arm:E::arm::/usr/bin/qemu-arm:"]],
    ["an empty line", ["# /a.conf", "", "qemu-arm"]],
    ["a file that is none", ["# relative.conf", `:qemu-arm${RULE}`]],
    ["a file with an odd name", ["# /a\u001b[2J.conf", `:qemu-arm${RULE}`]],
  ])("must not take %s for a registration", (_, lines) => {
    expect(read(...lines)).toEqual({});
  });

  test("must be read to a bound", () => {
    expect(read("# /a.conf", ...Array(6_000).fill(""), `:qemu-arm${RULE}`)).toEqual({});
  });
});

describe("the host's tools", () => {
  test("must be found where an ordinary user's PATH does not lead", () => {
    expect(toolPath({ PATH: "/opt/bin:/usr/bin" })).toBe("/opt/bin:/usr/bin:/usr/sbin:/sbin");
    expect(toolPath({})).toBe("/usr/bin:/bin:/usr/sbin:/sbin");
  });
});
