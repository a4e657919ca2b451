import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import type { DesiredService } from "../../../src/core/model/index.ts";
import { plan, renderPlan } from "../../../src/core/plan/index.ts";
import { container, input, service } from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");

function text(...args: Parameters<typeof input>): string {
  return renderPlan(plan(input(...args))).replace(/ {2,}/g, "  ");
}

/** `kind name` of each step: for tests where the order is what matters. */
function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.service} ${step.kind}`);
}

describe("dependencies", () => {
  const db = service("db");
  const on = (
    condition: "service_healthy" | "service_started" | "service_completed_successfully",
    restart = false,
  ) => service("web", { dependsOn: [{ service: "db", condition, restart, required: true }] });

  it("must be replaced first, and their gate passed, before the dependent is touched", () => {
    const order = kinds([on("service_healthy"), db], { web: "2", db: "2" }, [running, container(db, "1")]);
    expect(order.indexOf("db awaitHealthy")).toBeLessThan(order.indexOf("web renameContainer"));
  });

  it("that are not healthy yet must be waited for before anything is touched", () => {
    const starting = container(db, "1", { health: "starting" });
    const order = kinds([on("service_healthy"), db], { web: "2", db: "1" }, [running, starting]);
    expect(order.filter((step) => step.endsWith("awaitHealthy") || step.endsWith("renameContainer"))[0]).toBe(
      "web awaitHealthy",
    );
  });

  it("that have to complete must be awaited as jobs", () => {
    const job = service("db", { restart: "no" });
    const order = kinds([on("service_completed_successfully"), job], { web: "1", db: "1" }, []);
    expect(order.indexOf("db awaitCompleted")).toBeLessThan(order.indexOf("web startContainer"));
  });

  it("with restart: true must take their dependents along by a restart", () => {
    const order = kinds([on("service_started", true), db], { web: "1", db: "2" }, [
      running,
      container(db, "1"),
    ]);
    expect(order.slice(-3)).toEqual(["web stopContainer", "web startContainer", "web awaitHealthy"]);
  });

  it("without restart must leave their dependents alone", () => {
    expect(
      plan(input([on("service_started"), db], { web: "1", db: "2" }, [running, container(db, "1")])).moved,
    ).toEqual(["db"]);
  });

  it("that are held and not there must hold a dependent that would have to be made", () => {
    const missing = { kind: "held", reason: "ImageNotFound", message: "no such tag" } as const;
    expect(text([on("service_started"), db], { web: "1", db: missing }, [])).toBe(
      "nothing to do\nheld db: ImageNotFound: no such tag\nheld web: ImageNotFound: waits for db: no such tag",
    );
  });
});

describe("services that share a namespace", () => {
  const vpn = service("vpn");
  const guest = service("web", { sharesWith: ["vpn"] });
  const vpnNow = container(vpn, "1");
  const guestNow = container(guest, "1", { sharedWith: [vpnNow.id] });

  it("must be left alone while their provider stays", () => {
    expect(text([vpn, guest], { vpn: "1", web: "1" }, [vpnNow, guestNow])).toBe("nothing to do");
  });

  it("must be left alone when docker compose made them, whose hash has the provider's id in it", () => {
    const joined = { ...guest, spec: { image: "x", network_mode: "service:vpn" } };
    const hash = composeHashes({ image: "x", network_mode: `container:${vpnNow.id}` })[0] ?? "";
    const theirs = { ...guestNow, definitionHash: null, composeHash: hash };
    expect(plan(input([vpn, joined], { vpn: "1", web: "1" }, [vpnNow, theirs])).steps).toEqual([]);
    const other = { ...theirs, composeHash: "other" };
    expect(plan(input([vpn, joined], { vpn: "1", web: "1" }, [vpnNow, other])).moved).toEqual(["web"]);
  });

  it("must be replaced together with their provider, joining its new container", () => {
    const made = plan(input([vpn, guest], { vpn: "2", web: "1" }, [vpnNow, guestNow]));
    expect(made.moved).toEqual(["vpn", "web"]);
    const creates = made.steps.filter((s) => s.kind === "createContainer");
    expect(creates[1]?.kind === "createContainer" && creates[1].shares).toEqual({ vpn: `#${creates[0]?.n}` });
  });

  it("must be replaced on the image they run when their own is held", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    const made = plan(input([vpn, guest], { vpn: "2", web: held }, [vpnNow, guestNow]));
    const create = made.steps.find((s) => s.kind === "createContainer" && s.service === "web");
    expect(create?.kind === "createContainer" && create.image.locate).toBe(guestNow.imageId);
  });
});

describe("host ports that change hands", () => {
  it("must be free before the new owner starts", () => {
    const a = service("a", { hostPorts: [":81/tcp"] });
    const b = service("b", { hostPorts: [":80/tcp"] });
    const old = (of: DesiredService, port: string) =>
      container(of, "1", { hostPorts: [port], definitionHash: "v1:before" });
    const made = plan(input([a, b], { a: "1", b: "1" }, [old(a, ":80/tcp"), old(b, ":81/tcp")]));
    const order = made.steps.map((s) => `${s.service} ${s.kind}`);
    expect(order.indexOf("b stopContainer")).toBeLessThan(order.indexOf("a startContainer"));
    expect(order.filter((s) => s === "b stopContainer")).toHaveLength(1);
  });
});
