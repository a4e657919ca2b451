// A container that is compared field by field is what the file says exactly when nothing of its service changed: what
// Boardhand asks for, read back from the engine, differs in nothing, and what is taken out of the file is missed.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Both } from "./both.ts";
import { casesFor, FILES, projectOf } from "./cases.ts";
import { comparedByField } from "./compared.ts";

const CASES = casesFor(inject("engineApi"));
const SERVICES = Object.keys(CASES);

/** What cannot be told from outside counts as different. */
const IN_DOUBT: Readonly<Record<string, readonly string[]>> = {
  // Whether a text was copied into it.
  configs: ["configs"],
  secrets: ["secrets"],
  // Kernels of today have no weights, and the engine forgets them without a word.
  blocks: ["blkio_config"],
};

/** What a container does not show, or what is as it would be without the file saying so. */
const INVISIBLE: readonly string[] = [
  ...["plain", "interactive", "never", "ordered", "platform", "replicas", "several", "stopping"],
];

let both: Both;
let unchanged: Readonly<Record<string, readonly string[]>>;
let emptied: typeof unchanged;

beforeAll(async () => {
  both = await Both.create({ compose: projectOf(SERVICES), files: FILES, frozen: true });
  await both.apply();
  unchanged = await comparedByField(both.world);
  await both.world.writeCompose(projectOf(SERVICES, () => ""));
  emptied = await comparedByField(both.world);
});

afterAll(async () => {
  await both.stop();
});

describe.each(SERVICES)("service %s", (service) => {
  it("must differ in nothing from what was made of it", () => {
    expect(unchanged[service]).toEqual(IN_DOUBT[service] ?? []);
  });

  it("must differ in what is taken out of the file", () => {
    expect(emptied[service]?.length === 0).toBe(INVISIBLE.includes(service));
  });
});
