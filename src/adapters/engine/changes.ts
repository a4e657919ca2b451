// The calls that change something on the engine, one each.
import { formatPlatform } from "../../core/model/index.ts";
import type { Clock, Engine } from "../../ports/index.ts";
import { archiveOf } from "./archive.ts";
import { malformed, refused } from "./errors.ts";
import { object, text } from "./field.ts";
import { pathOf } from "./observe.ts";
import type { Transport } from "./transport.ts";
import { atLeast } from "./version.ts";

/** What the engine grants a container that names no grace period, and what we grant the engine on top. */
const DEFAULT_GRACE_MS = 10_000;
const STOP_MARGIN_MS = 60_000;
/** Create copies an image's volumes, removal deletes layers: both are slow on SD cards. */
const SLOW_MS = 5 * 60_000;
const REMOVAL_POLL_MS = 200;

type Changes = Pick<
  Engine,
  | "tagImage"
  | "removeImage"
  | "createNetwork"
  | "createVolume"
  | "createContainer"
  | "connectNetwork"
  | "renameContainer"
  | "setRestartPolicy"
  | "stopContainer"
  | "startContainer"
  | "copyFile"
  | "removeContainer"
>;

export function changesOf(transport: Transport, clock: Clock): Changes {
  return { ...imageChanges(transport), ...creations(transport), ...containerChanges(transport, clock) };
}

function imageChanges(transport: Transport): Pick<Changes, "tagImage" | "removeImage"> {
  return {
    async tagImage(image, reference) {
      const colon = reference.lastIndexOf(":");
      const tagged = colon > reference.lastIndexOf("/");
      await transport.call({
        what: `tag ${image} as ${reference}`,
        method: "POST",
        path: `/images/${pathOf(image)}/tag`,
        query: tagged
          ? { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
          : { repo: reference, tag: "latest" },
      });
    },
    async removeImage(image) {
      const call = {
        what: `remove image ${image}`,
        method: "DELETE",
        path: `/images/${pathOf(image)}`,
        timeoutMs: SLOW_MS,
      } as const;
      await transport.call(call, [404]);
    },
  };
}

function creations(
  transport: Transport,
): Pick<Changes, "createNetwork" | "createVolume" | "createContainer" | "connectNetwork"> {
  return {
    async createNetwork(body) {
      const what = `create network ${text(body.Name)}`;
      await transport.call({ what, method: "POST", path: "/networks/create", body });
    },
    async createVolume(body) {
      const what = `create volume ${text(body.Name)}`;
      await transport.call({ what, method: "POST", path: "/volumes/create", body });
    },
    async createContainer(name, body, platform) {
      const what = `create container ${name}`;
      const asked = platform === null || !atLeast(await transport.version(), 41) ? null : platform;
      const answer = await transport.call({
        what,
        method: "POST",
        path: "/containers/create",
        query: { name, ...(asked === null ? {} : { platform: formatPlatform(asked) }) },
        body,
        timeoutMs: SLOW_MS,
      });
      const id = text(object(answer.json).Id);
      if (id === "") throw malformed(what, "it names no container id");
      return id;
    },
    async connectNetwork(network, container, endpoint) {
      await transport.call({
        what: `connect ${container} to network ${network}`,
        method: "POST",
        path: `/networks/${encodeURIComponent(network)}/connect`,
        body: { Container: container, EndpointConfig: endpoint },
      });
    },
  };
}

function containerChanges(
  transport: Transport,
  clock: Clock,
): Pick<
  Changes,
  "renameContainer" | "setRestartPolicy" | "stopContainer" | "startContainer" | "copyFile" | "removeContainer"
> {
  const path = (id: string) => `/containers/${encodeURIComponent(id)}`;
  return {
    async renameContainer(id, name) {
      const what = `rename container ${id} to ${name}`;
      await transport.call({ what, method: "POST", path: `${path(id)}/rename`, query: { name } });
    },
    async setRestartPolicy(id, policy) {
      const [Name = "no", retries] = policy.split(":");
      await transport.call({
        what: `set the restart policy of ${id} to ${policy}`,
        method: "POST",
        path: `${path(id)}/update`,
        body: { RestartPolicy: { Name, MaximumRetryCount: Number(retries ?? 0) } },
      });
    },
    async stopContainer(id, graceMs) {
      const grace = graceMs === null ? {} : { query: { t: String(Math.ceil(graceMs / 1000)) } };
      const timeoutMs = (graceMs ?? DEFAULT_GRACE_MS) + STOP_MARGIN_MS;
      const what = `stop container ${id}`;
      // 304, already stopped, is no error.
      await transport.call({ what, method: "POST", path: `${path(id)}/stop`, timeoutMs, ...grace });
    },
    async startContainer(id) {
      await transport.call({ what: `start container ${id}`, method: "POST", path: `${path(id)}/start` });
    },
    async copyFile(id, file) {
      const { path: target, mode, uid, gid } = file;
      const owned = uid !== null || gid !== null;
      const modifiedAt = Math.floor(clock.now() / 1000);
      await transport.call({
        what: `copy ${target} into container ${id}`,
        method: "PUT",
        path: `${path(id)}/archive`,
        query: { path: "/", noOverwriteDirNonDir: "true", ...(owned ? { copyUIDGID: "true" } : {}) },
        archive: archiveOf({
          path: target,
          content: file.content.reveal(),
          mode,
          uid: uid ?? 0,
          gid: gid ?? 0,
          modifiedAt,
        }),
      });
    },
    removeContainer: (id) => removeContainer(transport, clock, id, path(id)),
  };
}

/** Removal by somebody else is waited for: until it is over, the name is taken. */
async function removeContainer(transport: Transport, clock: Clock, id: string, path: string): Promise<void> {
  const what = `remove container ${id}`;
  const deadline = clock.monotonic() + SLOW_MS;
  for (;;) {
    const query = { force: "1", v: "0" };
    const answer = await transport.call(
      { what, method: "DELETE", path, query, timeoutMs: SLOW_MS },
      [404, 409],
    );
    if (answer.status !== 409) return;
    const message = text(object(answer.json).message);
    if (!/already in progress/i.test(message) || clock.monotonic() >= deadline) {
      throw refused(what, answer.status, message);
    }
    await clock.sleep(REMOVAL_POLL_MS);
  }
}
