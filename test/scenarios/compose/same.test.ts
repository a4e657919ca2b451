// What Boardhand makes is what docker compose makes: the requests that both send for one project, and what the engine
// says of it afterwards, are the same for every row of the mapping table.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RecordedRequest } from "../../lab/recording-proxy.ts";
import { Both, type Json, type Picture } from "./both.ts";
import { casesFor, FILES, projectOf } from "./cases.ts";
import { type Names, namesOf, normal, requestsByName, withoutHash, withoutPool } from "./normal.ts";

type Things = Readonly<Record<string, unknown>>;

interface Made {
  readonly requests: readonly RecordedRequest[];
  readonly picture: Picture;
  readonly names: Names;
  /** What the create requests of containers say, by name. */
  readonly asked: Things;
  /** What the engine says of the containers, by name. */
  readonly containers: Things;
}

const SERVICES = Object.keys(casesFor(inject("engineApi")));

let both: Both;
let byCompose: Made;
let byBoardhand: Made;

async function made(requests: readonly RecordedRequest[]): Promise<Made> {
  const picture = await both.picture();
  const names = namesOf(picture);
  const asked = sent({ requests, names }, "/containers/create");
  return { requests, picture, names, asked, containers: inspected({ names }, picture.containers) };
}

beforeAll(async () => {
  both = await Both.create({ compose: projectOf(SERVICES), files: FILES, frozen: true });
  byCompose = await made(await both.composeUp("--no-start"));
  await both.compose("down", "-v");
  byBoardhand = await made(await both.apply());
});

afterAll(async () => {
  await both.stop();
});

/** Bodies and queries of the requests of one kind, by what they make. */
function sent({ requests, names }: Pick<Made, "requests" | "names">, path: string): Things {
  const found = [...requestsByName(requests, path)];
  return Object.fromEntries(found.map(([name, { query, body }]) => [name, normal({ query, body }, names)]));
}

/** `POST /networks/…/connect` bodies, in an order of their own. */
function connected({ requests, names }: Made): readonly string[] {
  const found = requests.filter(({ path }) => path.endsWith("/connect"));
  return found.map(({ path, body }) => JSON.stringify(normal({ path, body }, names))).sort();
}

function ofService(things: Things, service: string): unknown {
  const mine = Object.entries(things).filter(([, thing]) =>
    JSON.stringify(thing).includes(`"com.docker.compose.service":"${service}"`),
  );
  return withoutHash(Object.fromEntries(mine));
}

function inspected({ names }: Pick<Made, "names">, things: ReadonlyMap<string, Json>): Things {
  return Object.fromEntries([...things].map(([name, thing]) => [name, normal(thing, names)]));
}

describe.each(SERVICES)("service %s", (service) => {
  it("must be asked for in the same words as docker compose's", () => {
    const theirs = ofService(byCompose.asked, service);
    expect(theirs).not.toEqual({});
    expect(ofService(byBoardhand.asked, service)).toEqual(theirs);
  });

  it("must be the same to whoever inspects it", () => {
    const theirs = ofService(byCompose.containers, service);
    expect(theirs).not.toEqual({});
    expect(ofService(byBoardhand.containers, service)).toEqual(theirs);
  });
});

describe("networks and volumes", () => {
  it("must be asked for in the same words, and joined in the same way", () => {
    for (const path of ["/networks/create", "/volumes/create"]) {
      expect(Object.keys(sent(byCompose, path))).not.toEqual([]);
      expect(sent(byBoardhand, path)).toEqual(sent(byCompose, path));
    }
    // From API 1.44 on, containers are made with all their networks.
    expect(connected(byCompose).length > 0).toBe(inject("engineApi") < 44);
    expect(connected(byBoardhand)).toEqual(connected(byCompose));
  });

  it("must be the same to whoever inspects them", () => {
    const pictures = [byBoardhand, byCompose].map((one) => ({
      networks: Object.values(inspected(one, one.picture.networks)).map(withoutPool),
      volumes: inspected(one, one.picture.volumes),
    }));
    const [ours, theirs] = pictures.map(({ networks, volumes }) => ({
      networks: networks.map((network) => JSON.stringify(network)).sort(),
      volumes,
    }));
    expect(theirs?.networks).toHaveLength(inject("engineApi") < 48 ? 4 : 6);
    expect(ours).toEqual(theirs);
  });
});
