// Docker Hub's `callback_url`, which whoever knows the token may write: nothing but the Hub's own address is taken from it.
import { textAt } from "./fields.ts";

const HUB_HOOK =
  /^https:\/\/registry\.hub\.docker\.com\/u\/[\w.-]{1,255}\/[\w.-]{1,255}\/hook\/[\w-]{1,255}\/?$/;

/** The address to answer at, `https://registry.hub.docker.com/u/NAMESPACE/NAME/hook/ID/`; null for any other. */
export function callbackOf(payload: unknown): string | null {
  const url = textAt(payload, "callback_url");
  if (!HUB_HOOK.test(url)) return null;
  // `..` would lead to another of its pages.
  return new URL(url).href === url ? url : null;
}
