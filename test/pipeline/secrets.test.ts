import { describe, expect, it } from "vitest";
import { redactor, secretWarnings } from "../../src/pipeline/secrets.ts";
import { amd64, rowOf } from "./rows.ts";

describe("a build argument", () => {
  it.each([
    ["NPM_TOKEN", "x"],
    ["DB_PASSWORD", "x"],
    ["apikey", "x"],
    ["AWS_SECRET_ACCESS_KEY", "x"],
    ["PASS", "x"],
    ["SIGNING_KEY", "x"],
    ["WHATEVER", `ghp_${"a".repeat(36)}`],
    ["WHATEVER", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ])("that looks like a secret must be warned of: %s", (name, value) => {
    const [warning, ...more] = secretWarnings(
      [rowOf("armhf", "linux/arm/v7", { buildArgs: { [name]: value } })],
      {},
    );
    expect(warning).toContain(`the build argument ${name} (armhf) looks like a secret`);
    if (value.length > 1) expect(warning).not.toContain(value);
    expect(more).toEqual([]);
  });

  it("with the value of a secret of the environment must be warned of, whatever it is called", () => {
    const rows = [rowOf("armhf", "linux/arm/v7", { buildArgs: { HARMLESS: "hunter2-hunter2" } })];
    expect(secretWarnings(rows, { DOCKER_PASSWORD: "hunter2-hunter2" })).toHaveLength(1);
  });

  it("must be warned of once, for all the images that have it", () => {
    const buildArgs = { TOKEN: "x" };
    const [warning] = secretWarnings(
      [{ ...amd64, buildArgs }, rowOf("armhf", "linux/arm/v7", { buildArgs })],
      {},
    );
    expect(warning).toContain("TOKEN (amd64, armhf)");
  });

  it.each([
    ["BASE_IMAGE", "arm32v7/debian:trixie-slim"],
    ["VERSION", "1.2.3"],
    ["KEYBOARD", "de"],
    ["MONKEY", "x"],
    ["BYPASS", "1"],
    ["EMPTY_TOKEN", ""],
  ])("that is none must not be warned of: %s", (name, value) => {
    const found = secretWarnings([rowOf("armhf", "linux/arm/v7", { buildArgs: { [name]: value } })], {});
    expect(found).toEqual([]);
  });
});

describe("what is printed", () => {
  it("must have no secret of the environment or of a build in it", () => {
    const secrets = [{ id: "npm", env: "FOR_NPM" }];
    const environment = { DOCKER_PASSWORD: "swordfish", FOR_NPM: "plain-words", HOME: "/root/home" };
    const hide = redactor(environment, [rowOf("armhf", "linux/arm/v7", { secrets })]);
    expect(hide("swordfish logs in with plain-words at /root/home")).toBe(
      "[redacted] logs in with [redacted] at /root/home",
    );
  });

  it("must have no line of a secret with several", () => {
    const hide = redactor({ DEPLOY_PRIVATE_KEY: "first line\nsecond line\n" }, []);
    expect(hide("it says: second line")).toBe("it says: [redacted]");
  });

  it("must hide the longer of two secrets whole, and leave short words alone", () => {
    const hide = redactor({ A_TOKEN: "secret", B_TOKEN: "secret-and-more", DEBUG_TOKEN: "yes" }, []);
    expect(hide("secret-and-more, secret, yes")).toBe("[redacted], [redacted], yes");
  });
});
