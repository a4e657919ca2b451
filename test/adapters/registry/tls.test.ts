import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { networkFailure } from "../../../src/adapters/registry/failures.ts";
import { transport } from "./support.ts";

const exchange = {
  host: "reg.example",
  method: "GET",
  headers: { authorization: "Basic x" },
  timeoutMs: 5_000,
  maxBytes: 1_000,
} as const;

describe("https", () => {
  it("must not be answered by plain HTTP without saying which setting allows that", async () => {
    const server = createServer((_request, response) => response.end("plain"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const failed = transport()({ ...exchange, url: `https://127.0.0.1:${port}/v2/` });
    await expect(failed).rejects.toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(/does not speak TLS/),
      hint: expect.stringContaining("registries.insecure"),
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ["CERT_HAS_EXPIRED", /expired, or the board's clock is wrong/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /self-signed/],
    ["EHOSTUNREACH", /no route/],
    ["SOMETHING_NEW", /the request failed/],
  ])("%s must be told in plain words", (code, words) => {
    const time = { now: () => 1, builtAt: 0 };
    expect(networkFailure("reg.example", Object.assign(new Error(code), { code }), time)).toMatchObject({
      code: "E_REGISTRY_UNAVAILABLE",
      message: expect.stringMatching(words),
      retry: "backoff",
      data: { cause: code },
    });
  });
});
