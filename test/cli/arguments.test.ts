import { describe, expect, it } from "vitest";
import { exitCodeFor, parseCommand } from "../../src/cli/arguments.ts";
import { COMMAND_NAMES, helpText } from "../../src/cli/help.ts";
import { BoardhandError } from "../../src/core/model/index.ts";

const common = { configFile: null, json: false };
const parse = (line: string) => parseCommand(line.split(" ").filter((word) => word !== ""));

describe("the command line", () => {
  it.each([
    ["run", { kind: "run", ...common }],
    ["run --config /x.yml --json", { kind: "run", configFile: "/x.yml", json: true }],
    [
      "--config=/x.yml --json plan web",
      { kind: "plan", configFile: "/x.yml", json: true, projects: ["web"] },
    ],
    ["--config run status", { kind: "status", configFile: "run", json: false, health: false }],
    ["status --health", { kind: "status", ...common, health: true }],
    ["check", { kind: "check", ...common, projects: [] }],
    ["apply web db", { kind: "apply", ...common, projects: ["web", "db"] }],
    ["rollback web", { kind: "rollback", ...common, project: "web", services: [] }],
    ["rollback web a b", { kind: "rollback", ...common, project: "web", services: ["a", "b"] }],
    ["suspend web", { kind: "suspend", ...common, project: "web" }],
    ["resume web", { kind: "resume", ...common, project: "web" }],
    ["doctor", { kind: "doctor", newToken: null, ...common }],
    ["doctor --new-token -", { kind: "doctor", newToken: "-", ...common }],
    [
      "config",
      {
        kind: "config",
        ...common,
        files: [],
        projectName: null,
        projectDirectory: null,
        envFiles: [],
        profiles: [],
        hash: null,
      },
    ],
    [
      "config -f a.yml -f b.yml -p web --project-directory /d --env-file e --profile x --profile y --hash *",
      {
        kind: "config",
        ...common,
        files: ["a.yml", "b.yml"],
        projectName: "web",
        projectDirectory: "/d",
        envFiles: ["e"],
        profiles: ["x", "y"],
        hash: "*",
      },
    ],
    ["--help", { kind: "help", command: null }],
    ["help", { kind: "help", command: null }],
    ["help plan", { kind: "help", command: "plan" }],
    ["rollback -h", { kind: "help", command: "rollback" }],
    ["--version", { kind: "version" }],
  ])("%s must be understood", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  it.each([
    ["", "a command is missing"],
    ["--json", "no command"],
    ["deploy", '"deploy" is no command'],
    ["help deploy", '"deploy" is no command'],
    ["plan --frobnicate", "Unknown option '--frobnicate'"],
    ["plan --hash x", "Unknown option '--hash'"],
    ["run --config", "argument missing"],
    ["run --json=yes", "does not take an argument"],
    ["run web", "nobody asked for web"],
    ["rollback", "PROJECT [SERVICE…] is missing"],
    ["suspend a b", "nobody asked for b"],
  ])("%j must be refused with the usage", (line, message) => {
    const refused = (() => {
      try {
        return parse(line);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toMatchObject({ code: "E_USAGE", message: expect.stringContaining(message) });
    expect(refused).toMatchObject({
      hint: expect.stringMatching(/^Usage: boardhand .*--help` says more\.$/),
    });
  });

  it("must exit with 2 for wrong usage or configuration, and with 1 for all else", () => {
    expect(exitCodeFor(new BoardhandError("E_USAGE", ""))).toBe(2);
    expect(exitCodeFor(new BoardhandError("E_CONFIG", ""))).toBe(2);
    expect(exitCodeFor(new BoardhandError("E_STATE", ""))).toBe(1);
    expect(exitCodeFor(new TypeError(""))).toBe(1);
  });

  it("must explain every command and option", () => {
    for (const name of COMMAND_NAMES) {
      expect(helpText(null)).toContain(`\n  ${name}`);
      expect(helpText(name)).toMatch(
        new RegExp(`^Usage: boardhand ${name}.*--config FILE.*--json.*--help.*Exit codes`, "s"),
      );
    }
    expect(helpText("config")).toContain("-f, --file FILE");
  });
});
