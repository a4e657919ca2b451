// The rollouts that faults are put into: their compose file, what is published for them, and where they must end.
import type { ImageHealthcheck } from "../../lab/images.ts";
import { FAILING_PROBE, PROBE } from "../probes.ts";

export interface RolloutKind {
  readonly name: string;
  /** `REG` stands for the registry and the board's own namespace. */
  readonly compose: string;
  /** What a service's line shows behind its name: `running[ HEALTH] POLICY`, and behind its version. */
  readonly services: Readonly<Record<string, { readonly state: string; readonly mounts?: string }>>;
  /** The health check in the images; none when left out. */
  readonly probe?: ImageHealthcheck;
  /** Starts from nothing each time, not from the version before. */
  readonly first?: boolean;
  /** The service whose new image never gets healthy: the end is the version before, untouched. */
  readonly failing?: string;
  /** How many calls it makes about: all, and those that change something. For samples and progress. */
  readonly calls: { readonly all: number; readonly changes: number; readonly registry: number };
  /** Whether its calls to the registry are swept too. */
  readonly asksRegistry?: boolean;
}

/** Twice a second: an engine with two cores serves several boards at a time. */
const QUICK_PROBE: ImageHealthcheck = { ...PROBE, Interval: 500_000_000 };

const ONE = `
services:
  web: {image: REG/web, restart: unless-stopped, volumes: ["data:/data"]}
volumes: {data: {}}
`;

const TWO = `
services:
  db: {image: REG/db, restart: always, volumes: ["data:/data"]}
  web: {image: REG/web, restart: unless-stopped, depends_on: [db]}
volumes: {data: {}}
`;

const CHAIN = `
services:
  db: {image: REG/db, restart: always, volumes: ["data:/data"]}
  api: {image: REG/api, restart: unless-stopped, depends_on: {db: {condition: service_healthy}}}
  web: {image: REG/web, restart: on-failure, depends_on: {api: {condition: service_healthy}}}
volumes: {data: {}}
`;

const START_FIRST = `
services:
  web:
    image: REG/web
    restart: unless-stopped
    deploy: {update_config: {order: start-first}}
`;

const web = { state: "running unless-stopped" };
const db = { state: "running always", mounts: "data:/data" };

export const ROLLOUTS: readonly RolloutKind[] = [
  {
    name: "first deployment",
    compose: ONE,
    services: { web: { ...web, mounts: "data:/data" } },
    first: true,
    calls: { all: 43, changes: 6, registry: 6 },
    asksRegistry: true,
  },
  {
    name: "update",
    compose: ONE,
    services: { web: { ...web, mounts: "data:/data" } },
    calls: { all: 55, changes: 10, registry: 6 },
    asksRegistry: true,
  },
  {
    name: "rollback",
    compose: TWO,
    services: { db, web },
    failing: "web",
    calls: { all: 85, changes: 28, registry: 12 },
  },
  {
    name: "chain with health checks",
    compose: CHAIN,
    services: {
      db: { ...db, state: "running healthy always" },
      api: { state: "running healthy unless-stopped" },
      web: { state: "running healthy on-failure" },
    },
    probe: QUICK_PROBE,
    calls: { all: 110, changes: 27, registry: 18 },
  },
  {
    name: "start-first update",
    compose: START_FIRST,
    services: { web },
    calls: { all: 55, changes: 10, registry: 6 },
  },
];

/** Fails three times in a third of a second. */
export const QUICKLY_FAILING: ImageHealthcheck = { ...FAILING_PROBE, Interval: 100_000_000 };

/** What an onlooker must see of `project` on this version, and nothing else. */
export function wantedPicture(kind: RolloutKind, project: string, version: string): readonly string[] {
  const containers = Object.entries(kind.services).map(([name, { state, mounts }]) =>
    [`${project}-${name}-1`, state, version, ...(mounts === undefined ? [] : [`${project}_${mounts}`])].join(
      " ",
    ),
  );
  const volumes = kind.compose.includes("data:/data") ? [`volume ${project}_data`] : [];
  return [...containers, `network ${project}_default`, ...volumes].sort();
}
