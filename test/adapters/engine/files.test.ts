// A file into a container, and a command inside it: what is asked of the engine, and what is made of its answers.
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { archiveOf } from "../../../src/adapters/engine/archive.ts";
import { Secret } from "../../../src/core/model/index.ts";
import type { ExecRequest } from "../../../src/ports/index.ts";
import { answer, failure, fakeEngine } from "./fake-engine.ts";

const FILE = { path: "/run/secrets/a", content: "secret", mode: 0o440, uid: 0, gid: 0, modifiedAt: 1e9 };

/** One header of an archive: name, mode, uid, gid, size, type. */
function head(block: Buffer): readonly (string | number)[] {
  const text = (from: number, to: number): string => block.toString("latin1", from, to).replace(/\0.*$/s, "");
  const octal = (from: number, to: number): number => Number.parseInt(text(from, to), 8);
  const sum = [...block].reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  expect(octal(148, 156)).toBe(sum);
  expect(text(257, 263)).toBe("ustar");
  expect(octal(136, 148)).toBe(1e9);
  return [text(0, 100), octal(100, 108), octal(108, 116), octal(116, 124), octal(124, 136), text(156, 157)];
}

describe("an archive", () => {
  it("must hold one file with its mode, owner and text, in whole blocks", () => {
    const archive = archiveOf({ ...FILE, uid: 33, gid: 44 });
    expect(archive).toHaveLength(4 * 512);
    expect(head(archive.subarray(0, 512))).toEqual(["run/secrets/a", 0o440, 33, 44, 6, "0"]);
    expect(archive.toString("utf8", 512, 518)).toBe("secret");
    expect(archive.subarray(518).every((byte) => byte === 0)).toBe(true);
    expect(archiveOf({ ...FILE, content: "x".repeat(512) })).toHaveLength(4 * 512);
  });

  it.each([
    ["a long name", { path: `/${"n".repeat(101)}` }, `111 path=${"n".repeat(101)}\n`],
    ["a name that is not ASCII", { path: "/ä" }, "11 path=ä\n"],
    ["large owners", { uid: 3_000_000, gid: 4_000_000 }, "15 uid=3000000\n15 gid=4000000\n"],
    [
      "a record whose length has one digit more",
      { path: `/${"é".repeat(45)}` },
      `99 path=${"é".repeat(45)}\n`,
    ],
    [
      "a record that its own length makes longer",
      { path: `/${"é".repeat(46)}` },
      `102 path=${"é".repeat(46)}\n`,
    ],
  ])("must have an extended header for %s", (_what, parts, records) => {
    const archive = archiveOf({ ...FILE, ...parts });
    expect(head(archive.subarray(0, 512))).toEqual(["pax", 0o440, 0, 0, Buffer.byteLength(records), "x"]);
    expect(archive.toString("utf8", 512, 512 + Buffer.byteLength(records))).toBe(records);
    expect(Number(records.split(" ")[0])).toBe(Buffer.byteLength(records.split("\n")[0] ?? "") + 1);
    expect(archive.toString("utf8", 1536, 1542)).toBe("secret");
  });

  it("of the longest plain name must have none", () => {
    const name = "n".repeat(100);
    expect(head(archiveOf({ ...FILE, path: `/${name}` }).subarray(0, 512))[0]).toBe(name);
  });
});

describe("copying a file", () => {
  it("must put the archive at the root, with owners only where one is asked for", async () => {
    const bodies: Buffer[] = [];
    const fake = await fakeEngine((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        bodies.push(Buffer.concat(chunks));
        answer(response, 200, null);
      });
    });
    const content = new Secret("text");
    const file = { path: "/etc/a b", content, mode: 0o600, uid: null, gid: null };
    await fake.engine.copyFile("box", file);
    await fake.engine.copyFile("box", { ...file, gid: 7 });
    const path = "PUT /v1.41/containers/box/archive?path=/&noOverwriteDirNonDir=true";
    expect(fake.requests.slice(1)).toEqual([path, `${path}&copyUIDGID=true`]);
    expect(fake.headers.at(-1)).toMatchObject({
      "content-type": "application/tar",
      "content-length": "2048",
    });
    expect(bodies.map((body) => body.toString("latin1", 0, 8))).toEqual(["etc/a b\0", "etc/a b\0"]);
    expect(bodies.map((body) => body.toString("latin1", 512, 516))).toEqual(["text", "text"]);
    expect(bodies[1]?.toString("latin1", 116, 123)).toBe("0000007");
  });

  it("must tell what the engine refused without the text", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 400, { message: "is marked read-only" }));
    const file = { path: "/a", content: new Secret("s3cret"), mode: 0o444, uid: null, gid: null };
    const error = await failure(fake.engine.copyFile("box", file));
    expect(error).toMatchObject({
      code: "E_ENGINE_REFUSED",
      message: "The engine refused (copy /a into container box): is marked read-only",
    });
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });
});

const ASK: ExecRequest = {
  command: ["sh", "-c", "x"],
  user: null,
  workingDir: null,
  privileged: false,
  environment: ["A=1", "B"],
  timeoutMs: 60_000,
};

function frame(kind: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

interface Script {
  /** What the attached stream says; it stays open when `open`. */
  readonly chunks?: readonly Buffer[];
  readonly open?: boolean;
  /** What each inspection says, the last one for ever. */
  readonly states: readonly unknown[];
}

function execEngine(script: Script, bodies: unknown[] = []) {
  let looks = 0;
  return fakeEngine((request: IncomingMessage, response: ServerResponse) => {
    if (request.method === "GET") {
      answer(response, 200, script.states[Math.min(looks, script.states.length - 1)]);
      looks += 1;
      return;
    }
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      bodies.push(JSON.parse(text));
      if (request.url?.endsWith("/exec")) return answer(response, 201, { Id: "e1" });
      response.writeHead(200, { "content-type": "application/vnd.docker.raw-stream" });
      for (const chunk of script.chunks ?? []) response.write(chunk);
      if (script.open !== true) response.end();
      else response.flushHeaders();
    });
  });
}

const DONE = { Running: false, ExitCode: 0 };

describe("a command in a container", () => {
  it("must be created, started attached and looked at until it has ended", async () => {
    const bodies: unknown[] = [];
    const fake = await execEngine({ states: [{ Running: true, ExitCode: null }, DONE] }, bodies);
    expect(await fake.engine.exec("box", { ...ASK, user: "me", workingDir: "/w", privileged: true })).toEqual(
      {
        exitCode: 0,
        output: "",
      },
    );
    expect(fake.requests.slice(1)).toEqual([
      "POST /v1.41/containers/box/exec",
      "POST /v1.41/exec/e1/start",
      "GET /v1.41/exec/e1/json",
      "GET /v1.41/exec/e1/json",
    ]);
    const attached = { AttachStdout: true, AttachStderr: true };
    const asked = { Cmd: ASK.command, Env: ["A=1", "B"], User: "me", Privileged: true, WorkingDir: "/w" };
    expect(bodies).toEqual([
      { ...asked, ...attached },
      { Detach: false, Tty: false },
    ]);
  });

  it("must give the end of both its outputs, however the frames are cut", async () => {
    const whole = Buffer.concat([frame(1, "out "), frame(2, "error é"), frame(1, "")]);
    for (const at of [1, 7, 8, 10, 12, 15, 20, 26]) {
      const chunks = [whole.subarray(0, at), whole.subarray(at)];
      const fake = await execEngine({ chunks, states: [{ Running: false, ExitCode: 3 }] });
      expect(await fake.engine.exec("box", ASK)).toEqual({ exitCode: 3, output: "out error é" });
    }
    const chunks = [frame(1, `first${"x".repeat(5000)}`), frame(2, "last")];
    const fake = await execEngine({ chunks, states: [DONE] });
    const { output } = await fake.engine.exec("box", ASK);
    expect(output).toBe(`${"x".repeat(996)}last`);
  });

  it("must not wait for what it left in the background", async () => {
    const fake = await execEngine({ chunks: [frame(1, "said")], open: true, states: [DONE] });
    expect(await fake.engine.exec("box", ASK)).toEqual({
      exitCode: 0,
      output: "said",
    });
  });

  it("must be given up when its time is over, with what it said so far", async () => {
    const fake = await execEngine({ chunks: [frame(1, "so far")], open: true, states: [{ Running: true }] });
    expect(await fake.engine.exec("box", { ...ASK, timeoutMs: 2_000 })).toEqual({
      exitCode: null,
      output: "so far",
    });
  });

  it("that ended without a code must count as failed", async () => {
    const fake = await execEngine({ states: [{ Running: false, ExitCode: null }] });
    expect(await fake.engine.exec("box", ASK)).toEqual({ exitCode: -1, output: "" });
  });

  it("in a container that does not run must be told with the engine's status", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 409, { message: "is not running" }));
    expect(await failure(fake.engine.exec("box", ASK))).toMatchObject({
      code: "E_ENGINE_REFUSED",
      data: { status: 409 },
    });
  });

  it("must not be believed without an id", async () => {
    const fake = await fakeEngine((_, response) => answer(response, 201, {}));
    expect(await failure(fake.engine.exec("box", ASK))).toMatchObject({
      code: "E_ENGINE_REFUSED",
      message: expect.stringContaining("it names no exec id"),
    });
  });

  it("must fail as unreachable when the engine goes away", async () => {
    const fake = await fakeEngine((request, response) => {
      if (request.url?.endsWith("/exec")) answer(response, 201, { Id: "e1" });
      else request.socket.destroy();
    });
    expect(await failure(fake.engine.exec("box", ASK))).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });
});
