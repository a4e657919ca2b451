// The calls that change something on the engine, one each.
import { object, text } from "../../core/model/engine-json.ts";
import { formatPlatform } from "../../core/model/index.ts";
import type { Engine } from "../../ports/index.ts";
import { archiveOf } from "./archive.ts";
import { type EndingDeps, removeContainer, stopContainer } from "./endings.ts";
import { malformed } from "./errors.ts";
import { pathOf } from "./observe.ts";
import type { Transport } from "./transport.ts";
import { atLeast } from "./version.ts";

/** Create copies an image's volumes, and removal deletes layers: both are slow on SD cards. */
const SLOW_MS = 5 * 60_000;

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

export function changesOf(deps: EndingDeps): Changes {
  return { ...imageChanges(deps.transport), ...creations(deps.transport), ...containerChanges(deps) };
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
  deps: EndingDeps,
): Pick<
  Changes,
  "renameContainer" | "setRestartPolicy" | "stopContainer" | "startContainer" | "copyFile" | "removeContainer"
> {
  const { transport, clock } = deps;
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
    stopContainer: (id, graceMs) => stopContainer(deps, id, graceMs),
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
    removeContainer: (id) => removeContainer(deps, id),
  };
}
