// Seccomp profiles that `security_opt` names by file: which files, and what the engine is sent of them (compose.md 2).
import type { DesiredService, ServiceSpec } from "../../model/index.ts";
import type { EnvFileRequest } from "../forms/files.ts";
import { cleanPath } from "../values/path.ts";
import type { ServiceDraft } from "./service.ts";

/** The files that have to be read; one that does not exist refuses the service and not the project. */
export function seccompRequests(draft: ServiceDraft, directory: string): readonly EnvFileRequest[] {
  const from = draft.keys.get("security_opt") ?? draft.from;
  return [...seccompFiles(draft.spec, directory).values()].map((path) => ({
    path,
    required: false,
    format: "raw",
    into: "seccomp",
    from,
  }));
}

/** The service with its profiles. `texts` has each file's text by path, null where there is none. */
export function withSeccomp(
  service: DesiredService,
  texts: ReadonlyMap<string, string | null>,
  directory: string,
): DesiredService {
  const profiles: [string, string][] = [];
  const refusals: string[] = [];
  for (const [option, path] of seccompFiles(service.spec, directory)) {
    const text = texts.get(path) ?? null;
    const compact = text === null ? null : compactJson(text);
    if (compact !== null) profiles.push([option, compact]);
    else
      refusals.push(
        `names the seccomp profile ${path}, which ${text === null ? "does not exist" : "is not JSON"}`,
      );
  }
  if (profiles.length + refusals.length === 0) return service;
  return { ...service, seccomp: Object.fromEntries(profiles), refusals: [...service.refusals, ...refusals] };
}

/** Absolute path by option; docker compose takes a relative one from the project directory, whoever wrote it. */
function seccompFiles(spec: ServiceSpec, directory: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const option of spec.security_opt ?? []) {
    const file = /^seccomp[=:](.+)$/.exec(option)?.[1];
    if (file === undefined || file === "unconfined" || file === "builtin") continue;
    files.set(option, file.startsWith("/") ? file : cleanPath(`${directory}/${file}`));
  }
  return files;
}

/** Without the white space between its parts and otherwise byte for byte, as Go's json.Compact. */
function compactJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_all, quoted: string | undefined) => quoted ?? "");
}
