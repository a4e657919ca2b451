// The bundle as images have it: alone in a directory with the few files beside it, and none of the packages.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "./lab/registry.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const MAX_BYTES = 3_000_000;

let home = "";
const program = () => join(home, "app/dist/boardhand.mjs");

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "boardhand-bundle-"));
  for (const folder of ["app/dist", "app/config", "project"])
    await mkdir(join(home, folder), { recursive: true });
  await bundle();
  for (const file of ["package.json", "config/compose-spec.json"]) {
    await copyFile(join(root, file), join(home, "app", file));
  }
  await mkdir(join(home, "projects"));
  await writeFile(join(home, "project/compose.yaml"), "services: {web: {image: nginx, ports: [80]}}\n");
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function bundle(): Promise<void> {
  await run(process.execPath, [join(root, "deploy/dev/bundle.mjs"), join(home, "app/dist")]);
}

/** As a program, in the project's directory, with nothing of this process's environment but the way to node. */
async function bundled(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(program(), words, surroundings());
}

function surroundings() {
  return { cwd: join(home, "project"), env: { PATH: process.env.PATH ?? "" } };
}

/** All that is in it, whichever of its files it is in. */
async function code(): Promise<string> {
  const files = (await readdir(join(home, "app/dist"))).filter((file) => file.endsWith(".mjs")).sort();
  return (await Promise.all(files.map((file) => readFile(join(home, "app/dist", file), "utf8")))).join("\n");
}

/** The sizes of those of its files that a run of it loads, whichever way the run ends. */
async function loadedBy(...words: string[]): Promise<Readonly<Record<string, number>>> {
  const coverage = await mkdtemp(join(home, "coverage-"));
  const { cwd, env } = surroundings();
  await run(program(), words, { cwd, env: { ...env, NODE_V8_COVERAGE: coverage } }).catch(() => undefined);
  const [report = ""] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, report), "utf8")) as {
    result: { url: string }[];
  };
  const files = result.flatMap(({ url }) => (url.startsWith("file://") ? [fileURLToPath(url)] : []));
  const sizes = await Promise.all(
    files.map(async (file) => [basename(file), (await stat(file)).size] as const),
  );
  return Object.fromEntries(sizes);
}

describe("the bundle alone", () => {
  test("it must know its version", async () => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    expect((await bundled("--version")).stdout).toBe(`${version}\n`);
  });

  test("it must read a compose file", async () => {
    const { stdout } = await bundled("config", "-f", "compose.yaml");
    expect(stdout).toContain("image: nginx");
  });

  test("it must hold a compose file against the schema", async () => {
    await writeFile(join(home, "project/wrong.yaml"), "services: {web: {image: nginx, prots: [80]}}\n");
    await expect(bundled("config", "-f", "wrong.yaml")).rejects.toMatchObject({
      stderr: expect.stringContaining("prots"),
    });
  });

  test("it must print the help of a command", async () => {
    expect((await bundled("doctor", "--help")).stdout).toContain("Usage: boardhand doctor");
  });

  test("the agent must serve its page, tell its health, and end when it is told to", async () => {
    const { port, config } = await agentConfig();
    await expect(bundled("status", "--health", "--config", config)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("E_AGENT_UNREACHABLE"),
    });
    const agent = execFile(process.execPath, [program(), "run", "--config", config]);
    const ended = once(agent, "exit");
    try {
      for (const [path, type] of [
        ["/", "text/html"],
        ["/page.css", "text/css"],
        ["/page.js", "text/javascript"],
        ["/favicon.svg", "image/svg+xml"],
      ] as const) {
        const answer = await answerOf(`http://127.0.0.1:${port}${path}`, ended);
        expect([path, answer.status]).toEqual([path, 200]);
        expect(answer.headers.get("content-type")).toContain(type);
      }
      // Until it has asked once it says that the engine has not answered yet.
      const unwell = () =>
        bundled("status", "--health", "--config", config).catch(({ code, stdout }) => ({ code, stdout }));
      await expect.poll(unwell).toEqual({
        code: 1,
        stdout: expect.stringMatching(/^not healthy\nThe engine cannot be reached .* ENOENT .*\n$/),
      });
    } finally {
      agent.kill("SIGTERM");
    }
    expect(await ended).toEqual([0, null]);
  });

  test.each(["null", '{"ok":1}', "[]"])("what answers %s must not count as healthy", async (body) => {
    const { port, config } = await agentConfig();
    const server = createHttpServer((_request, response) => void response.end(body)).listen(
      port,
      "127.0.0.1",
    );
    await once(server, "listening");
    try {
      await expect(bundled("status", "--health", "--config", config)).rejects.toMatchObject({
        code: 1,
        stdout: "not healthy\n",
      });
    } finally {
      server.close();
    }
  });
});

describe("what is in the bundle", () => {
  test(`it must be smaller than ${MAX_BYTES / 1e6} MB, with the licences of what it is made of`, async () => {
    const files = await readdir(join(home, "app/dist"));
    const others = files.filter((file) => !/^boardhand-[\w-]+\.mjs$/.test(file)).sort();
    expect(others).toEqual(["boardhand.LICENSES.txt", "boardhand.mjs"]);
    const licences = await readFile(join(home, "app/dist/boardhand.LICENSES.txt"), "utf8");
    expect(licences.length + (await code()).length).toBeLessThan(MAX_BYTES);
    const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const missing = Object.entries(dependencies).filter(
      ([name, version]) => !licences.includes(`\n${name} ${version}, `) && !licences.startsWith(`${name} `),
    );
    expect(missing).toEqual([]);
  });

  test("it must name no path of the machine it was made on", async () => {
    expect(await code()).not.toContain(root);
  });

  test("it must hold nothing of ssh, gRPC and protobuf", async () => {
    expect((await code()).match(/cpufeatures|grpc-node-js|protobufjs\/minimal/g)).toBeNull();
  });

  test("bundled again, it must have no part left that the program does not load", async () => {
    const before = await code();
    await writeFile(join(home, "app/dist/boardhand-old-ABCDEFGH.mjs"), "of another day");
    await bundle();
    expect((await code()) === before).toBe(true);
  });

  test.each([
    ["its version", ["--version"], 100_000],
    ["the agent's health", ["status", "--health"], 800_000],
  ])("for %s it must load little of itself", async (_what, words, most) => {
    const loaded = await loadedBy(...words);
    expect(Object.keys(loaded)).toContain("boardhand.mjs");
    expect(Object.values(loaded).reduce((sum, size) => sum + size)).toBeLessThan(most);
  });
});

/** The first answer of a server that may still be starting; rejects when its program ends first. */
async function answerOf(url: string, ended: Promise<unknown>): Promise<Response> {
  const end = { came: false };
  void ended.then(() => {
    end.came = true;
  });
  while (!end.came) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (answer !== null) {
      await answer.arrayBuffer();
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the agent ended before it answered");
}

/** Of an agent on a free port, without an engine. */
async function agentConfig(): Promise<{ readonly port: number; readonly config: string }> {
  const port = await freePort();
  const config = join(home, "boardhand.yml");
  const settings = {
    projects: join(home, "projects"),
    state: join(home, "state"),
    http: { listen: `127.0.0.1:${port}` },
    docker: { host: `unix://${join(home, "nobody.sock")}` },
  };
  await writeFile(config, JSON.stringify(settings));
  return { port, config };
}
