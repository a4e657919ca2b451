import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import { containerLabels } from "../../../src/core/container/labels.ts";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { newerCompose } from "../../../src/core/plan/dialect.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, project, service } from "../../support/builders.ts";

const web = service("web");
const VERSION = "com.docker.compose.version";
const made = (version: string, parts: Partial<ObservedContainer> = {}) =>
  container(web, "1", { definitionHash: null, labels: { [VERSION]: version }, ...parts });
const ours = (version: string) => container(web, "1", { startedAt: 9000, labels: { [VERSION]: version } });

describe("the docker compose in use", () => {
  it("must be the one that made a container last, and ours only where there is no other", () => {
    expect(newerCompose([])).toBeNull();
    expect(newerCompose([made("2.40.3")])).toBeNull();
    expect(newerCompose([made("5.0.1")])).toBe("5.0.1");
    expect(newerCompose([made("10.1.0")])).toBe("10.1.0");
    expect(newerCompose([made("5.0.1", { startedAt: 1 }), made("2.40.3", { id: "b" })])).toBeNull();
    expect(newerCompose([made("5.0.1"), ours("2.40.3")])).toBe("5.0.1");
    expect(newerCompose([ours("5.0.1")])).toBe("5.0.1");
    expect(newerCompose([made("5.0.1"), made("2.40.3", { id: "0", startedAt: null })])).toBe("5.0.1");
    expect(newerCompose([container(web, "1", { labels: {} })])).toBeNull();
    expect(newerCompose([made("59"), made("x5.1")])).toBeNull();
  });

  it("must decide in which dialect a new container's hash is written", () => {
    const spec = {
      image: "x",
      volumes: [{ type: "bind", source: "/a", target: "/b", bind: { create_host_path: true } }],
    } as const;
    const [v2, v5] = composeHashes(spec);
    expect(v2).not.toBe(v5);
    const labels = (composeVersion: string) =>
      containerLabels({
        project: project([]),
        service: service("web", { spec, composeHashes: [v2 ?? "", v5 ?? ""] }),
        number: 1,
        imageId: "sha256:1",
        pinned: null,
        shares: {},
        revision: "r",
        composeVersion,
      });
    expect(labels("2.40.3")).toMatchObject({ "com.docker.compose.config-hash": v2, [VERSION]: "2.40.3" });
    expect(labels("v5.1.0")).toMatchObject({ "com.docker.compose.config-hash": v5, [VERSION]: "v5.1.0" });
  });

  it("must be told to whoever makes the container", () => {
    const created = (version: string) =>
      plan(input([web], { web: "2" }, [made(version)])).steps.find((step) => step.kind === "createContainer");
    expect(created("5.0.1")).toMatchObject({ composeVersion: "5.0.1" });
    expect(created("2.40.3")).not.toHaveProperty("composeVersion");
  });
});
