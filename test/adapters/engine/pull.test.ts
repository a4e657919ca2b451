import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/model/index.ts";
import type { Clock, Engine, PullProgress } from "../../../src/ports/index.ts";
import { answer, failure, fakeEngine } from "./fake-engine.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const WANTED = {
  name: "registry.example:5000/team/app",
  digest: DIGEST,
  platform: { os: "linux", architecture: "arm", variant: "v7" },
  credentials: null,
};

function pull(engine: Engine, onProgress: (progress: PullProgress) => void = () => undefined) {
  return engine.pullImage(WANTED, onProgress, new AbortController().signal);
}

function line(message: unknown): string {
  return `${JSON.stringify(message)}\r\n`;
}

const LAYER = line({ status: "Pulling fs layer", id: "one" });

function streaming(...chunks: readonly (string | Buffer)[]) {
  return (_: IncomingMessage, response: ServerResponse): void => {
    for (const chunk of chunks) response.write(chunk);
    response.end();
  };
}

describe("a pull", () => {
  it("asks for the digest and the platform, and adds up what the layers report", async () => {
    const fake = await fakeEngine(
      streaming(
        line({ status: `Pulling from team/app`, id: DIGEST }),
        line({ status: "Pulling fs layer", progressDetail: {}, id: "one" }),
        line({ status: "Already exists", progressDetail: {}, id: "two" }),
        line({ status: "Downloading", progressDetail: { current: 40, total: 100 }, id: "one" }),
        line({ status: "Download complete", progressDetail: {}, id: "one" }),
        line({ status: "Extracting", progressDetail: { current: 10, total: 100 }, id: "one" }),
        line({ status: "Pull complete", progressDetail: {}, id: "one" }),
        line({ status: `Digest: ${DIGEST}` }),
      ),
    );
    const seen: PullProgress[] = [];
    await pull(fake.engine, (progress) => seen.push(progress));
    expect(fake.requests.at(-1)).toBe(
      `POST /v1.41/images/create?fromImage=${WANTED.name}&tag=${DIGEST}&platform=linux/arm/v7`,
    );
    expect(seen.map((one) => [one.layers, one.layersDone, one.bytes, one.totalBytes])).toEqual([
      [1, 0, 0, 0],
      [2, 1, 0, 0],
      [2, 1, 40, 100],
      [2, 1, 100, 100],
      [2, 1, 100, 100],
      [2, 2, 100, 100],
    ]);
  });

  it("an error inside status 200 must be E_PULL, in the old form and in the new", async () => {
    const old = await fakeEngine(
      streaming(line({ status: "x" }), line({ error: "no space left on device" })),
    );
    expect(String(await failure(pull(old.engine)))).toContain("no space left on device");
    const detail = { errorDetail: { message: "manifest unknown" } };
    const recent = await fakeEngine(streaming(line(detail), line({ status: "Pull complete", id: "one" })));
    expect(await failure(pull(recent.engine))).toMatchObject({ code: "E_PULL", retry: "never" });
    const mute = await fakeEngine(streaming(line({ errorDetail: {} })));
    expect(await failure(pull(mute.engine))).toMatchObject({ code: "E_PULL" });
  });

  it("an error on a last line without an end must be E_PULL", async () => {
    const fake = await fakeEngine(streaming(line({ status: "x" }), JSON.stringify({ error: "late" })));
    expect(await failure(pull(fake.engine))).toMatchObject({ code: "E_PULL" });
  });

  it("a character that is split over two chunks must stay whole", async () => {
    const bytes = Buffer.from(line({ error: "Übertragung gestört" }));
    const cut = bytes.indexOf(0xb6);
    let sendRest = (): void => undefined;
    const fake = await fakeEngine((_, response) => {
      sendRest = () => void response.end(bytes.subarray(cut));
      response.write(Buffer.concat([Buffer.from(LAYER), bytes.subarray(0, cut)]));
    });
    expect(String(await failure(pull(fake.engine, () => sendRest())))).toContain("Übertragung gestört");
  });

  it("a stream that is not JSON, or whose line does not end, must be an error", async () => {
    const garbage = await fakeEngine(streaming("<html>\n"));
    expect(await failure(pull(garbage.engine))).toMatchObject({ code: "E_PULL" });
    const endless = await fakeEngine(streaming("x".repeat(100_000)));
    expect(String(await failure(pull(endless.engine)))).toContain("longer than");
  });

  it("a status that is no success must be E_PULL with the engine's words", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 404, { message: "pull access denied" }));
    const error = await failure(pull(fake.engine));
    expect(error).toMatchObject({ code: "E_PULL", data: { status: 404 } });
    expect(String(error)).toContain("pull access denied");
  });

  it("an engine that is lost in the middle must be E_ENGINE_UNAVAILABLE", async () => {
    const fake = await fakeEngine((_, response) => {
      response.write(line({ status: "Pulling fs layer", id: "one" }), () => response.destroy());
    });
    expect(await failure(pull(fake.engine))).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });

  it("a signal in the middle must end it as E_ABORTED and close the connection", async () => {
    const stop = new AbortController();
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const fake = await fakeEngine((_, response) => {
      response.once("close", closed);
      response.write(line({ status: "Pulling fs layer", id: "one" }));
    });
    const running = fake.engine.pullImage(WANTED, () => stop.abort(new Error("enough")), stop.signal);
    expect(await failure(running)).toMatchObject({ code: "E_ABORTED" });
    await gone;
  });

  it("a stream that says nothing for five minutes must be E_PULL", async () => {
    const time = handClock();
    const fake = await fakeEngine((_, response) => void response.write(LAYER), { clock: time.clock });
    const stuck = failure(pull(fake.engine, () => time.pass(300_000)));
    expect(String(await stuck)).toContain("no progress for 300 s");
  });

  it("a slow stream that says something every three minutes must not be given up", async () => {
    const time = handClock();
    let more = (): void => undefined;
    const fake = await fakeEngine(
      (_, response) => {
        const lines = [LAYER, LAYER, LAYER];
        more = () => {
          const next = lines.pop();
          if (next === undefined) response.end();
          else response.write(next);
        };
        more();
      },
      { clock: time.clock },
    );
    await pull(fake.engine, () => {
      time.pass(180_000);
      setImmediate(() => more());
    });
    expect(time.clock.monotonic()).toBe(540_000);
  });
});

/** Time that passes only when it is told to. */
function handClock(): { readonly clock: Clock; pass(ms: number): void } {
  let now = 0;
  const sleepers: { readonly until: number; wake(): void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        sleepers.push({ until: now + ms, wake });
      }),
  };
  return {
    clock,
    pass(ms) {
      now += ms;
      for (const sleeper of sleepers.filter((one) => one.until <= now)) sleeper.wake();
    },
  };
}

describe("credentials", () => {
  const decode = (header: unknown): unknown =>
    JSON.parse(Buffer.from(String(header), "base64url").toString("utf8"));

  it.each([
    [{}, { username: "pi", password: "??>>ÿ~??>>ÿ~?>", serveraddress: "registry.example" }],
    [{ identityToken: new Secret("token") }, { identitytoken: "token", serveraddress: "registry.example" }],
    [{ registryToken: new Secret("ready") }, { registrytoken: "ready", serveraddress: "registry.example" }],
  ])("travel in X-Registry-Auth, url-safe", async (tokens, expected) => {
    const fake = await fakeEngine(streaming(line({ status: "done" })));
    const password = new Secret("??>>ÿ~??>>ÿ~?>");
    const login = { username: "pi", password, identityToken: null, serverAddress: "registry.example" };
    const credentials = { ...login, ...tokens };
    await fake.engine.pullImage({ ...WANTED, credentials }, () => undefined, new AbortController().signal);
    const header = fake.headers.at(-1)?.["x-registry-auth"];
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/);
    expect(decode(header)).toEqual(expected);
  });

  it("are not sent where there are none", async () => {
    const fake = await fakeEngine(streaming(line({ status: "done" })));
    await pull(fake.engine);
    expect(fake.headers.at(-1)).not.toHaveProperty("x-registry-auth");
  });
});
