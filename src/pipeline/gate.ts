// Whether anything may be pushed from here: only what DOCKER_PUSH=yes asks for, only from the main branch or a tag. Closed by default.
import { type BuildContext, DIRTY } from "./model.ts";

export interface PushGate {
  readonly open: boolean;
  /** Completes "pushed because …" or "not pushed because …". */
  readonly reason: string;
}

/** `dockerPush` is the environment's DOCKER_PUSH. */
export function pushGate(context: BuildContext, main: string, dockerPush: string | undefined): PushGate {
  const closed = (reason: string): PushGate => ({ open: false, reason });
  if (context.event === "pull-request") return closed("this is a pull request");
  if (dockerPush === undefined || dockerPush === "") return closed("DOCKER_PUSH is not set to yes");
  if (dockerPush !== "yes")
    return closed(`DOCKER_PUSH is ${JSON.stringify(dockerPush.slice(0, 40))}, not yes`);
  if (context.commit?.endsWith(DIRTY) === true) return closed("there are changes that are not committed");
  if (context.event === "tag" && context.tag !== null) {
    return { open: true, reason: `DOCKER_PUSH=yes and this is the tag ${context.tag}` };
  }
  if (context.event !== "push") return closed("this is neither a push to a branch nor a tag");
  if (context.branch !== main) {
    return closed(context.branch === null ? "no branch is known" : `${context.branch} is not ${main}`);
  }
  return { open: true, reason: `DOCKER_PUSH=yes and this is ${main}` };
}
