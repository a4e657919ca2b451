// What an onlooker sees who knows nothing of Boardhand: asks the engine itself, never through the proxy, and follows its
// events to tell how long no container of a service ran.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";

const VERSION = "org.opencontainers.image.version";

/** A time in which no container of a service ran, ms since the epoch. */
export interface Gap {
  readonly service: string;
  readonly from: number;
  /** Null: it lasts. */
  readonly to: number | null;
}

/** What is looked at. */
export interface Subject {
  /** That all of it carries, and its value. */
  readonly label: readonly [name: string, value: string];
  /** What the names of its containers begin with. */
  readonly prefix: string;
  /** The label by which its services are told apart. */
  readonly service: string;
}

export interface Outside {
  /** Whatever carries the label or such a name, a line each, sorted: containers, networks, volumes. */
  picture(): Promise<readonly string[]>;
  /** Ids of its containers, sorted. */
  ids(): Promise<readonly string[]>;
  /** Gaps that began at or after this time. */
  gapsSince(from: number): readonly Gap[];
  /** When more than one container of a service began to run, at or after this time. */
  crowdsSince(from: number): readonly number[];
  /** Removes everything of it. */
  clear(): Promise<void>;
  stop(): void;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly Mounts: readonly {
    readonly Name?: string;
    readonly Source: string;
    readonly Destination: string;
  }[];
}

interface EngineEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** The containers, networks and volumes of a compose project. */
export function ofProject(project: string): Subject {
  return {
    label: ["com.docker.compose.project", project],
    prefix: `${project}-`,
    service: "com.docker.compose.service",
  };
}

/** What the engine at `unix://…` answers; null when it refuses. */
export async function askEngine(host: string, method: string, path: string): Promise<unknown> {
  const socketPath = host.slice("unix://".length);
  const [answer] = (await once(request({ socketPath, method, path }).end(), "response")) as [IncomingMessage];
  const text = (await answer.toArray()).join("");
  const ok = (answer.statusCode ?? 500) < 300;
  return ok && text !== "" ? JSON.parse(text) : null;
}

/** `host` is `unix://…`; looks at what belongs to the subject alone. */
export async function lookFromOutside(host: string, subject: Subject): Promise<Outside> {
  const [label, value] = subject.label;
  const filters = JSON.stringify({ label: [`${label}=${value}`] });
  const ask = (method: string, path: string) => askEngine(host, method, path);
  const inspected = async (): Promise<readonly Inspected[]> => {
    const all = (await ask("GET", "/containers/json?all=1")) as readonly Listed[];
    const own = all.filter(({ Names, Labels }) => Labels[label] === value || isNamed(Names, subject.prefix));
    const found = await Promise.all(own.map(({ Id }) => ask("GET", `/containers/${Id}/json`)));
    return found.filter((one): one is Inspected => one !== null);
  };
  const listed = async (path: "networks" | "volumes"): Promise<readonly Named[]> => {
    const found = await ask("GET", `/${path}?filters=${encodeURIComponent(filters)}`);
    return path === "networks"
      ? (found as readonly Named[])
      : ((found as { Volumes: readonly Named[] }).Volumes ?? []);
  };
  const watch = await followLives(host, filters, subject.service);
  return {
    async picture() {
      const containers = (await inspected()).map(lineOf);
      const networks = (await listed("networks")).map(({ Name }) => `network ${Name}`);
      const volumes = (await listed("volumes")).map(({ Name }) => `volume ${Name}`);
      return [...containers, ...networks, ...volumes].sort();
    },
    ids: async () => (await inspected()).map(({ Id }) => Id).sort(),
    gapsSince: watch.gapsSince,
    crowdsSince: watch.crowdsSince,
    async clear() {
      for (const { Id } of await inspected()) await ask("DELETE", `/containers/${Id}?force=1&v=1`);
      for (const path of ["networks", "volumes"] as const)
        for (const { Name } of await listed(path)) await ask("DELETE", `/${path}/${Name}`);
    },
    stop: watch.stop,
  };
}

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
}

interface Named {
  readonly Name: string;
}

function isNamed(names: readonly string[], prefix: string): boolean {
  return names.some((name) => name.startsWith(`/${prefix}`));
}

/** `NAME STATE[ HEALTH] POLICY VERSION[ VOLUME:PATH]…`, a directory of the machine's like a volume. */
function lineOf({ Name, State, HostConfig, Config, Mounts }: Inspected): string {
  const mounts = Mounts.map((one) => `${one.Name ?? one.Source}:${one.Destination}`).sort();
  const words = [Name.slice(1), State.Status, State.Health?.Status, HostConfig.RestartPolicy.Name];
  return [...words, Config.Labels[VERSION], ...mounts].filter((word) => word !== undefined).join(" ");
}

interface Lives {
  gapsSince(from: number): readonly Gap[];
  crowdsSince(from: number): readonly number[];
  stop(): void;
}

/** Follows starts and ends of containers; complete when none of them ran before. */
async function followLives(host: string, filters: string, label: string): Promise<Lives> {
  const socketPath = host.slice("unix://".length);
  const crowds: number[] = [];
  const running = new Map<string, Set<string>>();
  const gaps: { service: string; from: number; to: number | null }[] = [];
  const note = ({ Action, timeNano, Actor }: EngineEvent): void => {
    const service = Actor.Attributes[label] ?? "";
    const at = timeNano / 1e6;
    const up = running.get(service) ?? new Set();
    running.set(service, up);
    if (Action === "start") {
      up.add(Actor.ID);
      if (up.size > 1) crowds.push(at);
      for (const gap of gaps) if (gap.service === service) gap.to ??= at;
    } else if (Action === "die" && up.delete(Actor.ID) && up.size === 0) {
      gaps.push({ service, from: at, to: null });
    }
  };
  const asked = request({ socketPath, path: `/events?filters=${encodeURIComponent(filters)}` });
  const [stream] = (await once(asked.end(), "response")) as [IncomingMessage];
  createInterface({ input: stream })
    .on("line", (line) => note(JSON.parse(line) as EngineEvent))
    .on("error", () => undefined);
  stream.on("error", () => undefined);
  asked.on("error", () => undefined);
  return {
    gapsSince: (from) => gaps.filter((gap) => gap.from >= from),
    crowdsSince: (from) => crowds.filter((at) => at >= from),
    stop: () => asked.destroy(),
  };
}
