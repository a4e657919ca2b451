import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { localChecks } from "../../../../src/cli/commands/doctor/local.ts";
import { newTokenCommand } from "../../../../src/cli/commands/doctor/new-token.ts";
import type { AgentConfig } from "../../../../src/core/model/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bh-doctor-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function made(file: string): Promise<string> {
  let said = "";
  expect(
    await newTokenCommand(file, {
      out: (text) => {
        said += text;
      },
    }),
  ).toBe(0);
  return said;
}

/** What the checks about webhooks find. */
async function findings(webhooks: Partial<AgentConfig["webhooks"]>) {
  const config = {
    docker: { host: "tcp://nowhere:1" },
    http: { host: "127.0.0.1", port: 0, tokenFile: null, trustedProxies: [] },
    webhooks: { tokenFile: null, secretFiles: {}, callback: false, ...webhooks },
    registries: { dockerConfig: null },
    state: directory,
  } as unknown as AgentConfig;
  const checks = localChecks({ config, agentAnswers: async () => false });
  const found = await Promise.all(
    checks.filter(({ name }) => name.startsWith("webhooks")).map((check) => check.run()),
  );
  return found.flat().map(({ name, state, message }) => `${state} ${name}: ${message}`);
}

it("a new token must be another each time, and fit into an address", async () => {
  const [one, two] = [await made("-"), await made("-")];
  expect(one).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  expect(two).not.toBe(one);
});

it("a new token must go into a file for its owner's eyes, and never over another file", async () => {
  const file = join(directory, "token");
  const said = await made(file);
  const token = (await readFile(file, "utf8")).trim();
  expect(said).not.toContain(token);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await findings({ tokenFile: file })).toEqual([`ok webhooks: ${file} holds a token`]);
  await expect(newTokenCommand(file, { out: () => undefined })).rejects.toMatchObject({ code: "E_USAGE" });
  expect((await readFile(file, "utf8")).trim()).toBe(token);
  await expect(newTokenCommand(join(file, "x"), { out: () => undefined })).rejects.toMatchObject({
    code: "E_FILE",
  });
});

it("what is wrong with the token or a secret must be said, each on its own", async () => {
  const file = join(directory, "token");
  await made(file);
  await chmod(file, 0o640);
  const secret = join(directory, "secret");
  await writeFile(secret, "short");
  const found = await findings({ tokenFile: file, secretFiles: { github: secret, gitea: `${secret}-gone` } });
  expect(found).toEqual([
    expect.stringMatching(/^warn webhooks: .*others than its owner can read/),
    expect.stringMatching(/^fail webhooks github: .*fewer than 16 characters/),
    expect.stringMatching(/^fail webhooks gitea: .*cannot be read/),
  ]);
  await writeFile(file, "a-guessable-token");
  expect(await findings({ tokenFile: file })).toEqual([
    expect.stringMatching(/^fail webhooks: .*fewer than 32/),
  ]);
});

it("no token must be no fault, but secrets without one are worth a word", async () => {
  expect(await findings({})).toEqual([expect.stringMatching(/^ok webhooks: there is no token/)]);
  expect(await findings({ secretFiles: { github: "/x" } })).toEqual([
    expect.stringMatching(/^warn webhooks: /),
  ]);
});
