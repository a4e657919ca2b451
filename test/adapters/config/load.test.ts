import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/adapters/config/index.ts";
import { yamlParser } from "../../../src/adapters/yaml/index.ts";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { isValidCron } from "../../../src/triggers/schedule.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bh-config-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function load(text: string | null, environment: Readonly<Record<string, string>> = {}) {
  const file = join(directory, "boardhand.yml");
  if (text !== null) await writeFile(file, text);
  return await loadConfig({
    argument: text === null ? null : file,
    environment,
    parseYaml: yamlParser("E_CONFIG"),
    isValidCron,
    cwd: directory,
    defaultFile: join(directory, "default.yml"),
  });
}

/** The message of the refusal, without the directory. */
async function refusal(
  text: string | null,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    await load(text, environment);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    expect(error.code).toBe("E_CONFIG");
    return error.message.replaceAll(`${directory}/`, "");
  }
  throw new Error("was not refused");
}

describe("a configuration", () => {
  it("must be all defaults when there is no file and nothing names one", async () => {
    const { config, file } = await load(null);
    expect(file).toBeNull();
    expect(config).toMatchObject({
      projects: "/projects",
      jitterMs: 30_000,
      http: { host: "0.0.0.0", port: 8080, tokenFile: null },
      images: { keep: 1, minFreeSpaceBytes: 524_288_000, prune: true },
      rollout: {
        order: "stop-first",
        monitorMs: 30_000,
        failureAction: "rollback",
        healthTimeoutMs: 300_000,
      },
      state: "/data",
    });
  });

  it("must come from the default file when it is there, and from BOARDHAND_CONFIG before that", async () => {
    await writeFile(join(directory, "default.yml"), "orphans: remove");
    await writeFile(join(directory, "other.yml"), "drift: restore");
    expect((await load(null)).config.orphans).toBe("remove");
    const named = await load(null, { BOARDHAND_CONFIG: "other.yml" });
    expect([named.config.orphans, named.config.drift, named.file]).toEqual([
      "report",
      "restore",
      join(directory, "other.yml"),
    ]);
  });

  it("must be refused when a file was named that is not there", async () => {
    expect(await refusal(null, { BOARDHAND_CONFIG: "gone.yml" })).toBe(
      "gone.yml: there is no such file; it was named by BOARDHAND_CONFIG",
    );
    expect(await refusal(null, { BOARDHAND_CONFIG: directory })).toContain("is not a file");
  });

  it("may be an empty file", async () => {
    expect((await load("")).config.drift).toBe("leave");
    expect((await load("# nothing\n")).config.drift).toBe("leave");
  });

  it("must be read with relative paths counted from its own directory, and a project's from the project", async () => {
    const { config } = await load(
      "projects: [{directory: web, files: [a.yaml], env_files: [.env], environment: {PORT: 08, T: x}}]\nstate: ./data\nhttp: {token_file: secrets/token}\n",
    );
    expect(config.projects).toEqual([
      {
        name: null,
        directory: join(directory, "web"),
        files: [join(directory, "web/a.yaml")],
        envFiles: [join(directory, "web/.env")],
        environment: { PORT: "08", T: "x" },
        profiles: [],
      },
    ]);
    expect([config.state, config.http.tokenFile]).toEqual([
      join(directory, "data"),
      join(directory, "secrets/token"),
    ]);
  });

  it("must give mirrors as origins, and certificates as absolute paths", async () => {
    const text =
      "registries: {mirrors: {docker.io: ['https://Mirror.lan:443/', 'http://10.0.2.2:5000']}, ca: {'nas:5000': nas.crt}}";
    const { mirrors, ca } = (await load(text)).config.registries;
    expect(mirrors).toEqual({ "docker.io": ["https://mirror.lan", "http://10.0.2.2:5000"] });
    expect(ca).toEqual({ "nas:5000": join(directory, "nas.crt") });
  });

  it("must name every problem with its place, its key and what would be right", async () => {
    const text = [
      'schedule: "every day"',
      "jitter: 5 parsecs",
      "platfrom: auto",
      "http:",
      "  listen: 8080",
      "  port: 80",
      "images:",
      "  keep: many",
      "  prune: yes please",
      "rollout: {order: sideways}",
      "projects: [{name: Web, directory: /srv/web, bogus: 1}]",
      "timezone: Mars/Olympus",
      "docker:",
    ].join("\n");
    const lines = (await refusal(text))
      .split("\n")
      .sort((a, b) => Number(a.split(":")[1]) - Number(b.split(":")[1]));
    expect(lines).toEqual([
      'boardhand.yml:1:11: schedule: is "every day", which is no cron expression; expected 5 fields, or 6 with seconds, such as */5 * * * *',
      'boardhand.yml:2:9: jitter: is "5 parsecs"; expected a duration such as 30s, 5m or 1h30m',
      "boardhand.yml:3:1: platfrom: is not a known key; did you mean platform?",
      "boardhand.yml:5:11: http.listen: is 8080; expected an address and a port such as 0.0.0.0:8080 or [::]:8080",
      "boardhand.yml:6:3: http.port: is not a known key; known here: listen, token_file, trusted_proxies",
      'boardhand.yml:8:9: images.keep: is "many"; expected a whole number from 0 to 3',
      'boardhand.yml:9:10: images.prune: is "yes please"; expected true or false',
      'boardhand.yml:10:18: rollout.order: is "sideways"; expected one of stop-first, start-first',
      'boardhand.yml:11:19: projects[0].name: is "Web"; expected a project name: lower-case letters, digits, - and _, beginning with a letter or digit',
      "boardhand.yml:11:45: projects[0].bogus: is not a known key; known here: name, directory, files, env_files, environment, profiles",
      'boardhand.yml:12:11: timezone: is "Mars/Olympus"; expected a time zone such as Europe/Zurich, or null',
      "boardhand.yml:13:1: docker: is empty; expected keys with values, indented below it; or leave the whole key out",
    ]);
  });

  it.each([
    ["platform: linux/mips", "1:11: platform: "],
    ["docker: {host: 'ssh://pi@board'}", "1:16: docker.host: "],
    ["docker: {tls: {ca: a, cert: b, key: c}}", "1:10: docker.tls: is given for a unix socket"],
    ["images: {min_free_space: lots}", "1:26: images.min_free_space: "],
    ["registries: {insecure: ['http://a']}", "1:25: registries.insecure[0]: "],
    ["registries: {timeout: 0s}", "1:23: registries.timeout: "],
    ["registries: {mirrors: {docker.io: [mirror.lan]}}", "1:36: registries.mirrors.docker.io[0]: "],
    ["registries: {mirrors: {a/b: []}}", "registries.mirrors"],
    ["registries: {ca: {'nas:5000': 7}}", "registries.ca"],
    ["http: {trusted_proxies: [10.0.0.0/33]}", "1:26: http.trusted_proxies[0]: "],
    ["http: {trusted_proxies: [proxy.lan]}", "1:26: http.trusted_proxies[0]: "],
    ["webhooks: {secret_files: {dockerhub: s}}", "1:27: webhooks.secret_files.dockerhub: is not a known key"],
    ["webhooks: {callback: maybe}", "1:22: webhooks.callback: "],
    ["state: null", "1:1: state: is empty"],
    ["projects: 7", "1:11: projects: is 7; expected a directory"],
    ["projects: [{name: a}]", "projects[0].directory: is missing"],
    ["projects: [{name: a, directory: x}, {name: a, directory: y}]", "1:44: projects[1].name: "],
    ["[]", "boardhand.yml:1:1: is a list; expected keys with values"],
    ["log: {level: !reset debug}", "log.level: has the tag !reset"],
    ["__proto__: {x: 1}", "__proto__: is not a known key"],
    ["a: 1\n---\nb: 2", "a second YAML document"],
    ["a: [", "boardhand.yml:"],
  ])("%j must be refused with its place", async (text, expected) => {
    expect(await refusal(text)).toContain(expected);
  });

  it("must be refused when it is larger than 1 MiB", async () => {
    expect(await refusal(`# ${"x".repeat(1024 * 1024)}`)).toContain("larger than 1 MiB");
  });
});

describe("the environment", () => {
  it("must override any scalar, in the type of its key", async () => {
    const { config } = await load("http: {token_file: a}\nimages: {keep: 2}", {
      BOARDHAND_HTTP__LISTEN: "127.0.0.1:0",
      BOARDHAND_HTTP__TOKEN_FILE: "null",
      BOARDHAND_IMAGES__PRUNE: "false",
      BOARDHAND_IMAGES__KEEP: "3",
      BOARDHAND_STATE: "here",
      BOARDHAND_TIMEZONE: "Europe/Zurich",
      BOARDHAND_WEBHOOKS__SECRET_FILES__GITHUB: "hub",
      PATH: "/bin",
    });
    expect(config.webhooks.secretFiles).toEqual({ github: join(directory, "hub") });
    expect(config.http).toEqual({ host: "127.0.0.1", port: 0, tokenFile: null, trustedProxies: [] });
    expect(config.images).toMatchObject({ prune: false, keep: 3 });
    expect(config.state).toBe(join(directory, "here"));
    expect(config.timezone).toBe("Europe/Zurich");
  });

  it("must override any list and any map, written in a row with commas", async () => {
    const file = 'registries: {insecure: [a.lan], mirrors: {a.lan: ["https://b"]}}';
    const { config } = await load(file, {
      BOARDHAND_REGISTRIES__INSECURE: "nas.lan:5000, 10.0.0.7:5000",
      BOARDHAND_REGISTRIES__MIRRORS:
        "docker.io=https://one.lan,docker.io=https://two.lan:5000,ghcr.io=https://one.lan",
      BOARDHAND_REGISTRIES__ALIASES: "nas.lan:5000=localhost:5000",
      BOARDHAND_REGISTRIES__CA: "nas.lan:5000=nas.crt",
      BOARDHAND_HTTP__TRUSTED_PROXIES: "127.0.0.1,172.16.0.0/12",
    });
    expect(config.registries.insecure).toEqual(["nas.lan:5000", "10.0.0.7:5000"]);
    expect(config.registries.mirrors).toMatchObject({
      "docker.io": ["https://one.lan", "https://two.lan:5000"],
      "ghcr.io": ["https://one.lan"],
    });
    expect(config.registries.aliases).toEqual({ "nas.lan:5000": ["localhost:5000"] });
    expect(Object.entries(config.registries.ca)).toEqual([["nas.lan:5000", join(directory, "nas.crt")]]);
    expect(config.http.trustedProxies).toEqual(["127.0.0.1", "172.16.0.0/12"]);
    const none = await load(file, { BOARDHAND_REGISTRIES__INSECURE: "", BOARDHAND_REGISTRIES__MIRRORS: "" });
    expect([none.config.registries.insecure, none.config.registries.mirrors]).toEqual([[], {}]);
  });

  it("must count relative paths from the working directory, whatever file there is", async () => {
    await writeFile(join(directory, "b.yml"), "http: {token_file: t}");
    const { config } = await loadConfig({
      argument: join(directory, "b.yml"),
      environment: { BOARDHAND_STATE: "s" },
      parseYaml: yamlParser("E_CONFIG"),
      isValidCron,
      cwd: "/elsewhere",
    });
    expect([config.state, config.http.tokenFile]).toEqual(["/elsewhere/s", join(directory, "t")]);
  });

  it("must be refused by the variable's name when the value or the name is wrong", async () => {
    const message = await refusal("", {
      BOARDHAND_IMAGES__KEEP: "lots",
      BOARDHAND_HTTP__LISTN: "x",
      BOARDHAND_REGISTRIES__INSECURE: "a,http://b",
      BOARDHAND_REGISTRIES__MIRRORS: "https://mirror.lan",
      BOARDHAND_ZZZZZZZZZZ: "1",
    });
    expect(message.split("\n")).toEqual([
      "BOARDHAND_HTTP__LISTN: is no configuration key; did you mean BOARDHAND_HTTP__LISTEN?",
      "BOARDHAND_REGISTRIES__MIRRORS: registries.mirrors is written NAME=VALUE, with commas between several",
      "BOARDHAND_ZZZZZZZZZZ: is no configuration key; unset it, or see docs/reference/config.md for the names (`__` stands between levels)",
      'BOARDHAND_REGISTRIES__INSECURE: registries.insecure[1]: is "http://b"; expected host or host:port, without http://',
      'BOARDHAND_IMAGES__KEEP: images.keep: is "lots"; expected a whole number from 0 to 3',
    ]);
  });
});
