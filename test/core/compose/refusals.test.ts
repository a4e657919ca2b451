// Each refusal of the stages in full: the key it is about, what happened and what to do.
import { describe, expect, test } from "vitest";
import { compile, compileFiles, refusal, web } from "./helper.ts";

/** `services.web.x: what` without file and place, and the hint. */
function told(work: () => unknown): readonly [string, string | null] {
  const error = refusal(work);
  return [error.message.replace(/^\S+:\d+:\d+: /, ""), error.hint];
}

const ONE = "say it in one place";
const limits = (body: string) => `deploy: {resources: {${body}}}`;

test.each([
  [
    "services.web.networks",
    'the network "n" is not defined',
    "add it to the top-level networks",
    "networks: [n]",
  ],
  [
    "services.web.volumes",
    'the volume "data" is not defined',
    "add it to the top-level volumes, or begin a path with ./ or /",
    "volumes: ['data:/d']",
  ],
  [
    "services.web.network_mode",
    "cannot stand beside networks",
    "remove one of them",
    "network_mode: host\nnetworks: [default]",
  ],
  [
    "services.web.scale",
    "differs from deploy.replicas",
    "remove one of them",
    "scale: 2\ndeploy: {replicas: 3}",
  ],
  [
    "services.web.container_name",
    "cannot be the name of 3 containers",
    "remove it or scale to 1",
    "container_name: cc\ndeploy: {replicas: 3}",
  ],
  [
    "services.web.cpus",
    "differs from deploy.resources.limits.cpus",
    ONE,
    `cpus: 1\n${limits("limits: {cpus: 2}")}`,
  ],
  [
    "services.web.pids_limit",
    "differs from deploy.resources.limits.pids",
    ONE,
    `pids_limit: 1\n${limits("limits: {pids: 2}")}`,
  ],
  [
    "services.web.mem_reservation",
    "differs from deploy.resources.reservations.memory",
    ONE,
    `mem_reservation: 1m\n${limits("reservations: {memory: 2m}")}`,
  ],
  [
    "services.web.container_name",
    '"a b" is not a container name',
    "use letters, digits, _ . and -",
    "container_name: a b",
  ],
  [
    "services.web.restart",
    '"sometimes" is not a restart policy',
    "use no, always, unless-stopped, on-failure or on-failure:N",
    "restart: sometimes",
  ],
  [
    "services.web.pull_policy",
    '"sometimes" is not a pull policy',
    "use always, missing, never, daily, weekly or every_<duration>",
    "pull_policy: sometimes",
  ],
  [
    "services.web.platform",
    '"linux" names no processor',
    "Write it as linux/amd64, linux/arm64 or linux/arm/v7.",
    "platform: linux",
  ],
  [
    "services.web.user",
    'the tag "!secret" is unknown',
    "only !reset and !override mean something",
    "user: !secret x",
  ],
  [
    "services.web.env_file",
    "the environment file /srv/app/no.env does not exist",
    "create it, or say required: false",
    "env_file: no.env",
  ],
  [
    "services.web.x-boardhand.updates",
    'the key "updates" is unknown',
    "the only key is update",
    "x-boardhand: {updates: auto}",
  ],
  [
    "services.web.x-boardhand.update",
    '"maybe" is not a way to update',
    "use auto, notify or off",
    "x-boardhand: {update: maybe}",
  ],
  [
    "services.web.models",
    'the model "llm" is not defined',
    "add it to the top-level models",
    "models: [llm]",
  ],
  [
    "services.web.zzzzzzzz",
    'the key "zzzzzzzz" is unknown',
    "remove the key, or give it the prefix x-",
    "zzzzzzzz: 1",
  ],
  [
    "services.web.volumes[0]",
    "~ needs HOME",
    "set HOME in .env or in the project's environment, or write the path out",
    "volumes: ['~/a:/x']",
  ],
  ["services.web.user", "must be a string", "put the value in quotes", "user: 1000"],
  [
    "services.web.stop_grace_period",
    "must be a duration",
    'write it with a unit, such as "90s" or "1m30s"',
    "stop_grace_period: 90",
  ],
  [
    "services.web.shm_size",
    "must be a size",
    'write it as bytes or with a unit, such as "64m"',
    "shm_size: lots",
  ],
  ["services.web.links", 'the service "db" does not exist', "", "links: ['db:x']"],
  ["services.web.ipc", 'the service "db" does not exist', "", "ipc: service:db"],
  ["services.web.pid", 'the service "db" does not exist', "", "pid: service:db"],
  ["services.web.volumes_from", 'the service "db" does not exist', "", "volumes_from: ['db:ro']"],
  ["services.web.tmpfs", "/x is mounted twice", "remove one of the two", "tmpfs: ['/x', '/x:size=1m']"],
  ["services.web.logging", "must be a mapping", "", "logging: x"],
  ["services.web.command[0]", "must be a string", "", "command: [[x]]"],
  ["services.web.expose[0]", "must be a string or a whole number", "", "expose: [true]"],
  ["services.web.expose[0]", "must be a string or a number", "", "expose: [[1]]"],
  ["services.web.labels.a", "must be a string, a number or a boolean", "", "labels: {a: [1]}"],
  ["services.web.pids_limit", "must be a whole number", "", "pids_limit: [1]"],
  ["services.web.pids_limit", "must be a whole number", "", "pids_limit: 1x"],
  ["services.web.pids_limit", "must be a whole number", "", "pids_limit: x1"],
  ["services.web.cpus", "must be a number", "", "cpus: [1]"],
  ["services.web.cpus", "must be a number", "", "cpus: 1x"],
  ["services.web.cpus", "must be a number", "", "cpus: x1"],
  ["services.web.cpus", "must be a number", "", "cpus: .inf"],
  ["services.web.tty", "must be true or false", "", "tty: xyes"],
  ["services.web.tty", "must be true or false", "", "tty: noo"],
  ["services.web.tty", "must be true or false", "", "tty: [1]"],
  ["services.web.stop_grace_period", "must be a duration", "", "stop_grace_period: [1]"],
  ["services.web.shm_size", "must be a size", "", "shm_size: [1]"],
  ["services.web.shm_size", "must be a size", "", "shm_size: '-2'"],
  ["services.web.cap_add", "must be a list", "", "cap_add: {a: b}"],
  ["services.web.container_name", '"_a" is not a container name', "", "container_name: _a"],
  ["services.web.container_name", '"a" is not a container name', "", "container_name: a"],
  ["services.web.container_name", '"ab!" is not a container name', "", "container_name: ab!"],
  ["services.web.restart", '"xno" is not a restart policy', "", "restart: xno"],
  ["services.web.restart", '"on-failure:1x" is not a restart policy', "", "restart: on-failure:1x"],
  ["services.web.pull_policy", '"every_" is not a pull policy', "", "pull_policy: every_"],
  ["services.web.pull_policy", '"xdaily" is not a pull policy', "", "pull_policy: xdaily"],
  ["services.web.pull_policy", '"dailyx" is not a pull policy', "", "pull_policy: dailyx"],
])("%s: %s", (key, what, hint, body) => {
  const [message, advice] = told(() => web(body));
  expect(message).toBe(`${key}: ${what}`);
  if (hint !== "") expect(advice).toBe(hint);
});

test.each(["no", "always", "unless-stopped", "on-failure", "on-failure:10"])(
  "restart: %s must be accepted",
  (word) => {
    expect(web(`restart: ${word}`).restart).toBe(word);
  },
);

test.each(["every_1h", "every_90m", "every_1h30m", "every_10"])(
  "pull_policy: %s must be accepted",
  (word) => {
    expect(web(`pull_policy: ${word}`).spec.pull_policy).toBe(word);
  },
);

describe("the whole file", () => {
  const service = "services: {web: {image: a}}\n";
  test.each([
    [
      "services: {'a b': {image: a}}",
      'services.a b: "a b" is not a usable name',
      "use letters, digits, _ . and -",
    ],
    [
      `${service}networks: {'n!': }`,
      'networks.n!: "n!" is not a usable name',
      "use letters, digits, _ . and -",
    ],
    [
      `${service}volumes: {n: {external: true, driver: x}}`,
      "volumes.n.driver: means nothing on something external",
      "remove it, or remove external",
    ],
    ["services: {web: {image: ''}}", "services.web.image: must name an image", ""],
    ["services: {web: {image: 'a b'}}", "services.web.image: must name an image", ""],
    [`services: {${"s".repeat(201)}: {image: a}}`, "is not a usable name", ""],
  ])("%s", (text, what, hint) => {
    const [message, advice] = told(() => compile(text));
    expect(message.endsWith(what)).toBe(true);
    if (hint !== "") expect(advice).toBe(hint);
  });

  test("that cannot be merged must name the place it does not fit", () => {
    const other = "services: {web: {dns: [a], cap_add: {a: b}}}";
    expect(told(() => compileFiles(["services: {web: {image: a, cap_add: [A]}}", other]))[0]).toBe(
      "services.web.cap_add: cannot be merged onto what /srv/app/0.yaml:1 says",
    );
    expect(told(() => compileFiles([service, "services: {web: {depends_on: [[a]]}}"]))[0]).toContain(
      "must be",
    );
  });

  test("that are none at all must be told with the directory", () => {
    expect(refusal(() => compileFiles([])).message).toBe("/srv/app:1:1: there is no compose file");
  });

  test("whose name is unusable must say where from and what a name is", () => {
    const error = refusal(() => compile(service, { name: "Upper" }));
    expect(error).toMatchObject({
      code: "E_COMPOSE",
      message: '/srv/app: "Upper" is not a project name',
      hint: "use lower-case letters, digits, _ and -, beginning with a letter or digit",
      data: { file: "/srv/app", line: 1, column: 1, key: "name" },
    });
  });
});
