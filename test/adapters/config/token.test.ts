import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readHookTokenFile, readSecretFile, readTokenFile } from "../../../src/adapters/config/index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bh-token-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe("a token file", () => {
  it("must give the trimmed token, and warn when others can read it", async () => {
    const path = join(directory, "token");
    await writeFile(path, "  0123456789abcdef\n", { mode: 0o600 });
    const warnings: string[] = [];
    const secret = await readTokenFile(path, (message) => warnings.push(message));
    expect([secret.reveal(), String(secret), warnings]).toEqual(["0123456789abcdef", "[redacted]", []]);
    await chmod(path, 0o644);
    await readTokenFile(path, (message) => warnings.push(message));
    expect(warnings).toEqual([expect.stringContaining("mode 644")]);
  });

  it.each([
    ["short", "fewer than 16"],
    ["two words of some length", "white space"],
    ["x".repeat(5000), "larger than 4 KiB"],
  ])("%.10s… must be refused without being repeated", async (text, expected) => {
    const path = join(directory, "token");
    await writeFile(path, text);
    const error = await readTokenFile(path, () => undefined).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "E_CONFIG", message: expect.stringContaining(expected) });
    expect(String(error)).not.toContain(text);
  });

  it("must be refused when it is not there", async () => {
    await expect(readTokenFile(join(directory, "no"), () => undefined)).rejects.toMatchObject({
      code: "E_CONFIG",
    });
  });
});

describe("the token of a hook", () => {
  const at = async (text: string) => {
    const path = join(directory, "hook");
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };

  it("must be taken when it is long and fits into an address", async () => {
    const token = "Zm9vYmFyYmF6cXV4-_Zm9vYmFyYmF6cXV4";
    const read = await readHookTokenFile(await at(`${token}\n`), () => undefined);
    expect(read.reveal()).toBe(token);
  });

  it.each([
    ["0123456789abcdef0123456789abcde", "fewer than 32"],
    ["0123456789abcdef/0123456789abcdef", "that an address may have"],
    ["abababababababababababababababababababab", "can be guessed"],
  ])("%s must be refused without being repeated", async (text, expected) => {
    const error = await readHookTokenFile(await at(text), () => undefined).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "E_CONFIG", message: expect.stringContaining(expected) });
    expect(String(error)).not.toContain(text);
  });

  it("must not be what a secret is: that may have spaces, but one line", async () => {
    const secret = await readSecretFile(await at("Basic dXNlcjpwYXNzd29yZA==\n"), () => undefined);
    expect(secret.reveal()).toBe("Basic dXNlcjpwYXNzd29yZA==");
    await expect(readSecretFile(await at("0123456789abcdef\nmore"), () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining("more than one line"),
    });
    await expect(readSecretFile(await at("short"), () => undefined)).rejects.toMatchObject({
      message: expect.stringContaining("fewer than 16"),
    });
  });
});
