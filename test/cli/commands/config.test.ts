// `config` beside what docker compose 2.40.3 printed for the same files.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ConfigRequest, configCommand } from "../../../src/cli/commands/config.ts";
import type { CliContext } from "../../../src/cli/context.ts";
import { coloursFor } from "../../../src/cli/output.ts";

let root = "";
let file = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "config-command-"));
  mkdirSync(join(root, "a"));
  file = join(root, "a", "compose.yaml");
  const lines = [
    "services:",
    "  web:",
    "    image: nginx:$TAG",
    '    ports: ["8080:80"]',
    "    depends_on: [db]",
    "    deploy: {replicas: 2, resources: {limits: {memory: 64m}}}",
    "    pull_policy: always",
    "    volumes: ['data:/data']",
    '    healthcheck: {test: [CMD, "true"], interval: 1m30s}',
    "  db: {image: postgres, shm_size: 64m, network_mode: host, environment: {JOIN: 'a && $$b'}}",
    "  camera: {image: film, profiles: [film]}",
    "volumes: {data: {}}",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  writeFileSync(join(root, "a", ".env"), "TAG=dotenv\n");
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

async function run(parts: Partial<ConfigRequest>, json = false): Promise<string> {
  const written: string[] = [];
  const ctx = {
    json,
    configFile: "/etc/x.yml",
    config: { state: "/data", compose: { lenient: false } },
    colours: coloursFor({}, {}),
    out: (text: string) => void written.push(text),
    progress: { line: () => undefined },
  } as unknown as CliContext;
  const request: ConfigRequest = {
    kind: "config",
    configFile: null,
    json,
    files: [file],
    projectName: null,
    projectDirectory: null,
    envFiles: [],
    profiles: [],
    hash: null,
    ...parts,
  };
  expect(await configCommand(request, ctx)).toBe(0);
  return written.join("");
}

describe("config", () => {
  test("the model must be printed in docker compose's form, keys by the alphabet", async () => {
    expect(await run({})).toBe(MODEL.join("\n"));
  });

  test("the caller's environment must win over .env", async () => {
    vi.stubEnv("TAG", "7");
    expect(await run({})).toContain("image: nginx:7\n");
    vi.unstubAllEnvs();
  });

  test("one hash must be printed as service and hash, and all of them sorted by service", async () => {
    const all = await run({ hash: "*" });
    expect(all).toMatch(/^db [0-9a-f]{64}\nweb [0-9a-f]{64}\n$/);
    expect(all).toContain(await run({ hash: "web" }));
  });

  test("a service that does not exist must be refused with the names that do", async () => {
    await expect(run({ hash: "wbe" })).rejects.toMatchObject({
      code: "E_USAGE",
      hint: "There are: db, web.",
    });
  });

  test("JSON must be docker compose's text, with dollars doubled and signs escaped", async () => {
    const text = await run({}, true);
    expect(text).toContain('"image": "nginx:dotenv"');
    expect(text).toContain('"JOIN": "a \\u0026\\u0026 $$b"');
    expect(JSON.parse(text).networks).toEqual({ default: { name: "a_default", ipam: {} } });
  });

  test("without -f the files must be found as docker compose finds them", async () => {
    const found = { files: [], projectDirectory: join(root, "a") };
    expect(await run(found)).toBe(await run({}));
  });

  test("variables must come from the files that --env-file names, and not from .env", async () => {
    const other = join(root, "other.env");
    writeFileSync(other, "TAG=other\n");
    expect(await run({ envFiles: [other] })).toContain("image: nginx:other\n");
  });

  test("a service must be printed only with its profile", async () => {
    expect(await run({ hash: "*" })).not.toContain("camera");
    expect(await run({ hash: "*", profiles: ["film"] })).toContain("camera ");
  });

  test("hashes of several services must be printed, sorted, whatever order they were asked in", async () => {
    expect(await run({ hash: "web,db" })).toBe(await run({ hash: "*" }));
  });

  test("a name that compose would refuse must be refused", async () => {
    await expect(run({ projectName: "My App" })).rejects.toMatchObject({ code: "E_USAGE" });
  });

  test("without files Boardhand's own configuration must be named, or printed whole as JSON", async () => {
    expect(await run({ files: [] })).toBe("configuration ok: /etc/x.yml\n");
    expect(JSON.parse(await run({ files: [] }, true))).toEqual({
      state: "/data",
      compose: { lenient: false },
    });
  });
});

const MODEL = [
  "name: a",
  "services:",
  "  db:",
  "    environment:",
  "      JOIN: a && $$b",
  "    image: postgres",
  "    network_mode: host",
  '    shm_size: "67108864"',
  "  web:",
  "    depends_on:",
  "      db:",
  "        condition: service_started",
  "        required: true",
  "    deploy:",
  "      replicas: 2",
  "      resources:",
  "        limits:",
  '          memory: "67108864"',
  "    healthcheck:",
  "      test:",
  "        - CMD",
  '        - "true"',
  "      interval: 1m30s",
  "    image: nginx:dotenv",
  "    networks:",
  "      default: null",
  "    ports:",
  "      - mode: ingress",
  "        target: 80",
  '        published: "8080"',
  "        protocol: tcp",
  "    pull_policy: always",
  "    volumes:",
  "      - type: volume",
  "        source: data",
  "        target: /data",
  "        volume: {}",
  "networks:",
  "  default:",
  "    name: a_default",
  "volumes:",
  "  data:",
  "    name: a_data",
  "",
];
