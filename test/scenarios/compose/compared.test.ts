// A container that is compared field by field is what the file says exactly when nothing of its service changed.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Both } from "./both.ts";
import { casesFor, FILES, projectOf } from "./cases.ts";
import { comparedByField } from "./compared.ts";

const CASES = casesFor(inject("engineApi"));
const SERVICES = Object.keys(CASES);

type Compared = Readonly<Record<string, readonly string[]>>;

let both: Both;
let unchanged: Compared;
let emptied: Compared;

beforeAll(async () => {
  both = await Both.create({ compose: projectOf(SERVICES), files: FILES, frozen: true });
  await both.apply();
  unchanged = await comparedByField(both.world);
  await both.world.writeCompose(projectOf(SERVICES, () => ""));
  emptied = await comparedByField(both.world);
  console.log(JSON.stringify(unchanged), "\n", JSON.stringify(emptied).replaceAll("],", "],\n"));
});

afterAll(async () => {
  await both.stop();
});

describe.each(SERVICES)("service %s", (service) => {
  it("must differ in nothing from what was made of it", () => {
    expect(unchanged[service]).toEqual([]);
  });
  it("must differ in nothing from what was made of it", () => {
    expect(emptied[service]).not.toEqual([]);
  });
});
