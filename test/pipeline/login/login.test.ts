// Faults of docker and of the disk that the real ones cannot be made to show; the rest is in the scenarios.
import { describe, expect, it } from "vitest";
import { BoardhandError, Secret } from "../../../src/core/model/index.ts";
import { createLogin } from "../../../src/pipeline/login/index.ts";
import type { ProgramCall, ProgramEnd, ScratchContent } from "../../../src/ports/index.ts";
import { configOf } from "../rows.ts";

const ENDED: ProgramEnd = { status: 0, timedOut: false, stdout: "Login Succeeded", stderr: "" };

interface Fakes {
  readonly environment?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly config?: string | null;
  readonly docker?: (call: ProgramCall) => Promise<ProgramEnd>;
  readonly make?: () => never;
}

function loginWith(fakes: Fakes) {
  const calls: ProgramCall[] = [];
  const made: ScratchContent[] = [];
  const read: string[] = [];
  const abort = new AbortController();
  let removed = 0;
  const login = createLogin({
    config: configOf({ image: fakes.image ?? "ghcr.io/me/app" }),
    environment: { HOME: "/user", DOCKER_USERNAME: "me", DOCKER_PASSWORD: "p/w", ...fakes.environment },
    signal: abort.signal,
    clock: { now: () => 0, monotonic: () => 0, random: () => 0, sleep: async () => {} },
    programs: {
      async run(call) {
        calls.push(call);
        return fakes.docker === undefined ? ENDED : await fakes.docker(call);
      },
      read: () => expect.fail("nothing is read from docker"),
    },
    scratch: {
      async read(path) {
        read.push(path);
        return fakes.config === undefined || fakes.config === null ? null : new Secret(fakes.config);
      },
      async make(content) {
        fakes.make?.();
        made.push(content);
        return {
          path: "/scratch",
          remove: async () => {
            removed += 1;
          },
        };
      },
    },
  });
  return { login, calls, made, read, abort, removed: () => removed };
}

describe("a login", () => {
  it("must be one for a build, with the password on standard input alone", async () => {
    const { login, calls, removed } = loginWith({});
    const [first, second] = await Promise.all([login.open(), login.open()]);
    expect(first).toBe(second);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      command: "docker",
      args: ["--config", "/scratch", "login", "--username=me", "--password-stdin", "ghcr.io"],
    });
    expect(calls[0]?.input?.reveal()).toBe("p/w");
    expect(JSON.stringify(calls)).not.toContain("p/w");
    expect(removed()).toBe(0);
    await login.close();
    await login.close();
    expect(removed()).toBe(1);
  });

  it("must be Docker Hub's by docker's own default", async () => {
    const { login, calls } = loginWith({ image: "me/app" });
    await login.open();
    expect(calls[0]?.args.at(-1)).toBe("--password-stdin");
  });

  it("must start from the user's own configuration, wherever that is", async () => {
    const usual = loginWith({ config: '{"currentContext":"pi"}' });
    await usual.login.open();
    expect(usual.read).toEqual(["/user/.docker/config.json"]);
    expect(usual.made[0]?.links).toMatchObject({ contexts: "/user/.docker/contexts" });
    expect(usual.made[0]?.files["config.json"]?.reveal()).toContain('"currentContext":"pi"');
    const named = loginWith({ environment: { DOCKER_CONFIG: "/etc/docker-ci" } });
    await named.login.open();
    expect(named.read).toEqual(["/etc/docker-ci/config.json"]);
    const none = loginWith({ environment: { HOME: "" } });
    expect(await none.login.open()).toMatchObject({ ok: true });
    expect([none.read, none.made[0]?.links]).toEqual([[], {}]);
  });

  it("must not happen without credentials, and make nothing", async () => {
    const { login, calls, made, removed } = loginWith({
      environment: { DOCKER_USERNAME: "", DOCKER_PASSWORD: "" },
    });
    expect(await login.open()).toMatchObject({ ok: true });
    await login.close();
    expect([calls, made, removed()]).toEqual([[], [], 0]);
  });

  it("must not tell the password when docker or the registry repeats it, in any form", async () => {
    const echo = ["p/w", "p%2Fw", Buffer.from("me:p/w").toString("base64")].join(" ");
    const stderr = `unauthorized: ${echo} is wrong`;
    const { login } = loginWith({ docker: async () => ({ ...ENDED, status: 1, stderr }) });
    const end = await login.open();
    expect(end).toMatchObject({ ok: false, failure: { code: "E_PUSH" } });
    expect(JSON.stringify(end)).toContain("[redacted] [redacted] [redacted] is wrong");
    const open = await loginWith({}).login.open();
    expect(open.ok && open.login.redact(echo)).toBe("[redacted] [redacted] [redacted]");
  });

  it.each([
    ["unauthorized: incorrect username or password", 1],
    ["toomanyrequests: too many failed login attempts", 1],
    ["Get https://ghcr.io/v2/: net/http: TLS handshake timeout", 3],
  ])("that ends with %j must be tried %i times", async (stderr, times) => {
    const { login, calls } = loginWith({ docker: async () => ({ ...ENDED, status: 1, stderr }) });
    expect(await login.open()).toMatchObject({ ok: false, failure: { code: "E_PUSH" } });
    expect(calls).toHaveLength(times);
  });

  it("must be said to be interrupted when it is, with its directory removed", async () => {
    const { login, abort, removed } = loginWith({
      docker: async () => {
        abort.abort();
        return { ...ENDED, status: null };
      },
    });
    expect(await login.open()).toMatchObject({ ok: false, failure: { code: "E_ABORTED" } });
    await login.close();
    expect(removed()).toBe(1);
  });

  it("must be a failure with words when the configuration cannot be copied", async () => {
    const broken = await loginWith({ config: '{"auths": "cGFzc3dvcmQ="' }).login.open();
    expect(broken).toMatchObject({
      ok: false,
      failure: { code: "E_PUSH", message: "/user/.docker/config.json is not a JSON object" },
    });
    const full = loginWith({
      make: () => {
        throw new BoardhandError("E_FILE", "no space");
      },
    });
    expect(await full.login.open()).toMatchObject({ ok: false, failure: { message: "no space" } });
    await full.login.close();
  });
});
