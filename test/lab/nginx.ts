// A real nginx of the test's own in front of a registry: limits, slow answers, broken bodies, redirects. Own port, own
// directory, gone afterwards.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "./program.ts";
import { freePort } from "./registry.ts";

const BINARY = "/usr/sbin/nginx";

export interface RunningNginx {
  /** `127.0.0.1:port` */
  readonly address: string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Directives within `http`, such as `limit_req_zone`. */
  readonly http?: string;
  /** Directives within `server`: the locations. */
  readonly server: string;
}

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

function configText(port: number, { http = "", server }: NginxOptions): string {
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${name};`).join(" ");
  return [
    `user ${process.getuid?.() === 0 ? "root" : "nobody"};`,
    "daemon off; worker_processes 1; pid nginx.pid; error_log stderr warn;",
    "events { worker_connections 256; }",
    `http { access_log off; ${paths}`,
    http,
    `server { listen 127.0.0.1:${port};`,
    server,
    "} }",
    "",
  ].join("\n");
}

async function answers(address: string): Promise<boolean> {
  try {
    await (await fetch(`http://${address}/`, { redirect: "manual" })).body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Starts one and waits until it answers; rejects with its output when it ends early. */
export async function startNginx(options: NginxOptions): Promise<RunningNginx> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-nginx-"));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const config = join(directory, "nginx.conf");
  await writeFile(config, configText(port, options));
  const args = ["-p", directory, "-c", config, "-e", "stderr"];
  const { stop } = await startProgram({
    command: BINARY,
    args,
    directory,
    address,
    answers: () => answers(address),
  });
  return { address, stop };
}
