import { describe, expect, it } from "vitest";
import type { ContainerDetails, DesiredService, ObservedContainer } from "../../../src/core/model/index.ts";
import { comparedByField, plan, renderPlan } from "../../../src/core/plan/index.ts";
import { mayBeCompared } from "../../../src/core/plan/unknown.ts";
import { container, input, observed, project, retired, service } from "../../support/builders.ts";

const VERSION = "com.docker.compose.version";
const web = service("web", { restart: "no", spec: { image: "reg:5000/web:latest", network_mode: "none" } });
const made = byOlder(web);

function byOlder(of: DesiredService, parts: Partial<ObservedContainer> = {}): ObservedContainer {
  const labels = { [VERSION]: "2.26.1-4" };
  return container(of, "1", { definitionHash: null, composeHash: "no known one", labels, ...parts });
}

function detailsOf(of: ObservedContainer, host: object = {}): ContainerDetails {
  return {
    config: { Hostname: of.id.slice(0, 12), Image: of.imageReference },
    hostConfig: {
      ...{
        NetworkMode: "none",
        ShmSize: 67108864,
        IpcMode: "private",
        CgroupnsMode: "host",
        Runtime: "runc",
      },
      ...{ LogConfig: { Type: "json-file" }, RestartPolicy: { Name: of.restartPolicy } },
      ...host,
    },
    networks: {},
    image: {},
    engine: {
      hostName: "board",
      runtime: "runc",
      logDriver: "json-file",
      cgroupVersion: "1",
      unenforced: [],
    },
  };
}

function planned(
  of: DesiredService,
  containers: readonly ObservedContainer[],
  details: readonly ContainerDetails[],
) {
  const given = input([of], { web: "1" }, containers);
  const known = details.map((one, index) => [containers[index]?.id ?? "", one] as const);
  return plan({ ...given, details: new Map(known) });
}

const causes = (...given: Parameters<typeof planned>) =>
  planned(...given)
    .steps.filter((step) => step.kind === "createContainer")
    .map((step) => step.cause);

describe("a container whose docker compose hash nobody knows", () => {
  it("must be left alone while it is what would be made", () => {
    expect(renderPlan(planned(web, [made], [detailsOf(made)]))).toBe("nothing to do");
  });

  it("must be replaced where it differs, with the keys as the cause", () => {
    const differing = detailsOf(made, { Dns: ["10.0.0.1"], CpuShares: 5 });
    expect(causes(web, [made], [differing])).toEqual(["definition changed: cpu_shares, dns"]);
  });

  it("must be replaced where nobody can tell", () => {
    expect(causes(web, [made], [])).toEqual(["definition changed: image"]);
    const file = { source: "s", target: "/s", mounted: null, uid: null, gid: null, mode: 0o444 };
    const copied = {
      ...web,
      files: [
        { ...file, kind: "secret" },
        { ...file, kind: "config" },
      ],
    } as const;
    expect(causes(copied, [made], [detailsOf(made)])).toEqual(["definition changed: configs, secrets"]);
    const mounted = { ...web, files: [{ ...file, kind: "secret", mounted: "/srv/s" }] } as const;
    expect(causes(mounted, [made], [detailsOf(made)])).toEqual(["definition changed: volumes"]);
  });

  it("must stay where its service cannot be had here", () => {
    const refused = { ...web, refusals: ["uses what is not there"] };
    const { steps, held } = planned(refused, [made], [detailsOf(made)]);
    expect(steps).toEqual([]);
    expect(held).toMatchObject([{ service: "web", reason: "ComposeInvalid" }]);
  });

  it("must be known again when a rollout retired it, which took its restart policy", () => {
    const always = { ...web, restart: "always", spec: { ...web.spec, restart: "always" } };
    const old = retired(byOlder(always));
    const { steps } = planned(always, [old], [detailsOf(old)]);
    expect(steps.map(({ kind }) => kind)).toContain("startContainer");
    expect(steps.map(({ kind }) => kind)).not.toContain("createContainer");
    const alone = byOlder(always, { restartPolicy: "no" });
    expect(causes(always, [alone], [detailsOf(alone)])).toEqual(["definition changed: restart"]);
  });

  it("must follow what it joins whatever it is, and be compared with its id", () => {
    const vpn = service("vpn", { restart: "no" });
    const guest = service("web", {
      restart: "no",
      sharesWith: ["vpn"],
      spec: { image: "reg:5000/web:latest", network_mode: "service:vpn" },
    });
    const host = container(vpn, "1");
    const joined = byOlder(guest, { sharedWith: [host.id] });
    const details = new Map([[joined.id, detailsOf(joined, { NetworkMode: `container:${host.id}` })]]);
    const still = input([vpn, guest], { vpn: "1", web: "1" }, [host, joined]);
    expect(plan({ ...still, details }).steps).toEqual([]);
    const moving = input([vpn, guest], { vpn: "2", web: "1" }, [host, joined]);
    const { steps } = plan({ ...moving, details });
    expect(steps.find((step) => step.service === "web")?.cause).toBe(
      "shares a namespace with a service that is replaced",
    );
  });
});

describe("what is compared field by field", () => {
  it.each([
    ["2.26.1-4", true],
    ["1.29.2", true],
    ["v2.35.1", true],
    ["2.36.0", false],
    ["2.40.3", false],
    ["v2.99.0", false],
    ["3.0.0", true],
    ["4.99.0", true],
    ["5.0.0", false],
    ["v5.5.0", false],
    ["5.6.0", true],
    ["6.0.0", true],
    ["", true],
    ["desktop", true],
  ])("must be what docker compose %s made, where that version hashes in unknown ways: %s", (version, is) => {
    expect(mayBeCompared({ ...made, labels: { [VERSION]: version } })).toBe(is);
  });

  it("must be nothing of ours, and nothing without docker compose's hash", () => {
    expect(mayBeCompared({ ...made, labels: {} })).toBe(true);
    expect(mayBeCompared({ ...made, definitionHash: "v0:x" })).toBe(false);
    expect(mayBeCompared({ ...made, composeHash: null })).toBe(false);
    expect(causes(web, [{ ...made, composeHash: null }], [detailsOf(made)])).toEqual(["definition changed"]);
    const known = { ...made, labels: { [VERSION]: "2.40.3" } };
    expect(causes(web, [known], [detailsOf(made)])).toEqual(["definition changed"]);
  });

  it("must be looked at closely only where the hash is not the wanted one", () => {
    const orphan = { ...made, id: "o", service: "gone" };
    const same = { ...made, id: "s", composeHash: "compose-web" };
    const ids = comparedByField(project([web]), observed([made, orphan, same, container(web, "2")]));
    expect(ids).toEqual([made.id]);
  });
});
