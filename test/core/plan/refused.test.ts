// A service that cannot be had on this engine is held with the reason; the others go on, and what runs is left alone.
import { expect, it } from "vitest";
import type { ImageDecision } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, service } from "../../support/builders.ts";

const REASON = "has build and no image";
const built = service("built", { refusals: [REASON] });
const web = service("web");
const hold = { service: "built", reason: "ComposeInvalid", message: `the service ${REASON}` };
const absent: ImageDecision = { kind: "held", reason: "ImageNotFound", message: "there is none" };

function services(steps: ReturnType<typeof plan>["steps"]): readonly (string | null)[] {
  return [...new Set(steps.map((step) => step.service))];
}

it.each<[string, string | ImageDecision]>([
  ["with an image at hand", "1"],
  ["without one", absent],
])("a refused service %s must be held while the others are made", (_title, image) => {
  const made = plan(input([built, web], { built: image, web: "1" }, []));
  expect(made.held).toEqual([hold]);
  expect(services(made.steps)).toEqual(["web"]);
});

it("a refused service that runs as it should must be left alone, and be told of", () => {
  const made = plan(input([built], { built: "1" }, [container(built, "1")]));
  expect(made.steps).toEqual([]);
  expect(made.held).toEqual([hold]);
});

it("a refused service whose definition changed must keep the container it has", () => {
  const old = { ...container(built, "1"), definitionHash: "v1:other", composeHash: "other" };
  const made = plan(input([built], { built: "1" }, [old]));
  expect(made.steps).toEqual([]);
  expect(made.held).toEqual([hold]);
});

it("what depends on a refused service must wait for it with its reason", () => {
  const dependsOn = [
    { service: "built", condition: "service_started", restart: false, required: true },
  ] as const;
  const made = plan(input([built, service("web", { dependsOn })], { built: absent, web: "1" }, []));
  expect(made.steps).toEqual([]);
  expect(made.held).toEqual([
    hold,
    { service: "web", reason: "ComposeInvalid", message: `waits for built: ${hold.message}` },
  ]);
});

it("an attribute that this engine does not have must hold the service that uses it", () => {
  const spec = { image: "x", annotations: { a: "b" } };
  const noted = service("noted", { spec });
  const made = (apiVersion: string) => plan(input([noted], { noted: "1" }, [], { apiVersion }));
  expect(made("1.42").held.map(({ message }) => message)).toEqual([
    "the service uses annotations, which needs an engine with API 1.43, this one has 1.42",
  ]);
  expect(made("1.43").held).toEqual([]);
});
