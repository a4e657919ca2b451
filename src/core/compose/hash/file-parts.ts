// Uses of secrets and configs, and hooks, as docker compose hashes them (compose-go types).
import type { FileRefSpec, HookSpec } from "../../model/index.ts";
import { flag, nullableMap, struct, text, words } from "./go-json.ts";

export function encodeFileRef(ref: FileRefSpec): string {
  return struct([
    ["source", text(ref.source)],
    ["target", text(ref.target)],
    ["uid", text(ref.uid)],
    ["gid", text(ref.gid)],
    ["mode", text(ref.mode)],
  ]);
}

export function encodeHook(hook: HookSpec): string {
  return struct([
    ["command", words(hook.command)],
    ["user", text(hook.user)],
    ["privileged", flag(hook.privileged)],
    ["working_dir", text(hook.working_dir)],
    ["environment", nullableMap(hook.environment)],
  ]);
}
