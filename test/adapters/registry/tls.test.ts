import { createServer } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sendExchange } from "../../../src/adapters/registry/transport.ts";

const exchange = {
  host: "reg.example",
  method: "GET",
  headers: { authorization: "Basic x" },
  timeoutMs: 5_000,
  maxBytes: 1_000,
} as const;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("https", () => {
  it("must not be answered by plain HTTP without saying which setting allows that", async () => {
    const server = createServer((_request, response) => response.end("plain"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const failed = sendExchange({ ...exchange, url: `https://127.0.0.1:${port}/v2/` });
    await expect(failed).rejects.toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/does not speak TLS/),
      hint: expect.stringContaining("registries.insecure"),
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  // No certificate is trusted here without changing the machine, so `fetch` itself is stood in for.
  it("must never be left for plain HTTP by a redirect", async () => {
    const urls: string[] = [];
    vi.stubGlobal("fetch", async (url: URL) => {
      urls.push(String(url));
      return new Response(null, { status: 307, headers: { location: "http://reg.example/v2/" } });
    });
    await expect(sendExchange({ ...exchange, url: "https://reg.example/v2/" })).rejects.toMatchObject({
      code: "E_REGISTRY_PROTOCOL",
      message: expect.stringMatching(/from https to plain http/),
    });
    expect(urls).toEqual(["https://reg.example/v2/"]);
  });

  it.each([
    ["CERT_HAS_EXPIRED", /expired, or the board's clock is wrong/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /self-signed/],
    ["EHOSTUNREACH", /no route/],
    ["SOMETHING_NEW", /the request failed/],
  ])("%s must be told in plain words", async (code, words) => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
    });
    await expect(sendExchange({ ...exchange, url: "https://reg.example/v2/" })).rejects.toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(words),
      retry: "backoff",
      data: { cause: code },
    });
  });
});
