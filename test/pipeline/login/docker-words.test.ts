import { describe, expect, it } from "vitest";
import { readFailure } from "../../../src/pipeline/login/index.ts";

const end = (stderr: string, rest = {}) => ({ status: 1, timedOut: false, stdout: "", stderr, ...rest });

describe("what docker says when it fails", () => {
  it.each([
    ["denied: requested access to the resource is denied", "auth"],
    ["no basic auth credentials", "auth"],
    ["unauthorized: authentication required", "auth"],
    ["Error response from daemon: Get http://h/v2/: unauthorized: incorrect username or password", "auth"],
    ["unexpected status: 403 Forbidden", "auth"],
    ["toomanyrequests: too many failed login attempts for username or IP address", "auth"],
    ["toomanyrequests: You have reached your rate limit", "transient"],
    ["received unexpected HTTP status: 503 Service Unavailable", "transient"],
    ["received unexpected HTTP status: 500 Internal Server Error", "transient"],
    ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "transient"],
    ["net/http: TLS handshake timeout", "transient"],
    ["unexpected EOF", "transient"],
    ["dial tcp: lookup registry.lan: no such host", "transient"],
    ["blob upload unknown", "transient"],
    ["x509: certificate signed by unknown authority", "certificate"],
    ["http: server gave HTTP response to HTTPS client", "certificate"],
    ["An image does not exist locally with the tag: user/app", "no-image"],
    ["Error response from daemon: No such image: user/app:armhf", "no-image"],
    ["Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "engine"],
    ["permission denied while trying to connect to the Docker daemon socket at unix:///x", "engine"],
    ["write /var/lib/docker/x: no space left on device", "space"],
    ["manifest invalid: manifest invalid", "other"],
    ["received unexpected HTTP status: 405 Method Not Allowed", "other"],
    ["The push refers to repository [user/app-500x]", "other"],
  ])("must be told apart: %s", (line, kind) => {
    expect(readFailure(end(`Layer 1: Pushed\n${line}\n\n`))).toEqual({ kind, line });
  });

  it("must be something to try again when it took too long", () => {
    expect(readFailure(end("", { timedOut: true, status: null }))).toMatchObject({ kind: "transient" });
  });

  it("must fall back on the other output, and on the status", () => {
    expect(readFailure(end(" \n", { stdout: "denied: no\n" }))).toEqual({ kind: "auth", line: "denied: no" });
    expect(readFailure(end("", { status: 125 })).line).toBe("it ended with status 125");
  });

  it("must not be docker's pointer to its manual", () => {
    const stderr = "docker: no basic auth credentials\n\nRun 'docker push --help' for more information\n";
    expect(readFailure(end(stderr)).line).toBe("docker: no basic auth credentials");
  });

  it("must not hand a registry's words to the terminal", () => {
    const { line } = readFailure(end(`\u001b[31mdenied\u001b[0m: \u0007${"x".repeat(5000)}`));
    expect(line).toMatch(/^[\x20-\x7e]{1,300}$/);
  });
});
