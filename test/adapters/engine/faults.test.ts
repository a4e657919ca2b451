import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { answer, failure, fakeEngine } from "./fake-engine.ts";

describe("an engine that fails a call", () => {
  it.each([
    [404, "never"],
    [409, "never"],
    [500, "backoff"],
    [503, "backoff"],
  ])("with status %i must be E_ENGINE_REFUSED with its own words (retry: %s)", async (status, retry) => {
    const fake = await fakeEngine((_, response) => answer(response, status, { message: "its own words" }));
    const error = await failure(fake.engine.startContainer("web"));
    expect(error).toMatchObject({ code: "E_ENGINE_REFUSED", retry, data: { status } });
    expect(String(error)).toContain("start container web");
    expect(String(error)).toContain("its own words");
  });

  it("by closing the connection must be E_ENGINE_UNAVAILABLE", async () => {
    const fake = await fakeEngine((request) => request.destroy());
    expect(await failure(fake.engine.projects())).toMatchObject({
      code: "E_ENGINE_UNAVAILABLE",
      retry: "backoff",
    });
  });

  it("by closing the connection in the middle of a body must be E_ENGINE_UNAVAILABLE", async () => {
    const fake = await fakeEngine((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("[", () => response.destroy());
    });
    expect(await failure(fake.engine.projects())).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });

  it("by never answering must be E_ENGINE_UNAVAILABLE when the time is over", async () => {
    const fake = await fakeEngine(() => undefined, { timeoutMs: 150 });
    expect(await failure(fake.engine.projects())).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });

  it("by never ending its body must be E_ENGINE_UNAVAILABLE when the time is over", async () => {
    const fake = await fakeEngine((_, response) => void response.write("["), { timeoutMs: 150 });
    expect(await failure(fake.engine.projects())).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });

  it("by an answer that is not JSON must be E_ENGINE_REFUSED", async () => {
    const fake = await fakeEngine((_, response) => void response.end("<html>"));
    expect(await failure(fake.engine.projects())).toMatchObject({ code: "E_ENGINE_REFUSED" });
  });

  it("must be asked for its version anew before the next call", async () => {
    const answers = [(response: ServerResponse) => void response.destroy()];
    const fake = await fakeEngine((_, response) =>
      (answers.shift() ?? ((one: ServerResponse) => answer(one, 200, [])))(response),
    );
    await failure(fake.engine.projects());
    await fake.engine.projects();
    expect(fake.requests.filter((one) => one === "GET /_ping")).toHaveLength(2);
  });
});

describe("removing a container", () => {
  it("that somebody else is removing must wait until it is gone", async () => {
    const statuses = [409, 409, 404];
    const message = "removal of container web is already in progress";
    const fake = await fakeEngine((_, response) => answer(response, statuses.shift() ?? 500, { message }));
    await fake.engine.removeContainer("web");
    expect(statuses).toEqual([]);
  });

  it("that is refused for another reason must be E_ENGINE_REFUSED", async () => {
    const message = "cannot remove container: device or resource busy";
    const fake = await fakeEngine((_, response) => answer(response, 409, { message }));
    expect(await failure(fake.engine.removeContainer("web"))).toMatchObject({ data: { status: 409 } });
    expect(fake.requests.at(-1)).toBe("DELETE /v1.41/containers/web?force=1&v=0");
  });
});
