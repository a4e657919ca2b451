// One small service for each row of the mapping table (compose.md 2) that the engine of the lab can start.

/** The first of four host ports, which two runs on one machine do not share. */
const PORT = 20_000 + (process.pid % 1000) * 4;

/** Services, as they stand in the compose file below `services:`. */
const CASES: Readonly<Record<string, string>> = {
  plain: "",
  shareable: "ipc: shareable",
  words: 'entrypoint: ["/bin/busybox", "sh", "-c"]\ncommand: ["exec /start"]',
  shell: "command: /start --flag \"two words\" 'and more'",
  empty: "entrypoint: /start\ncommand: []",
  environment:
    'environment: {ONE: "1", BARE: , SUM: a=b, EMPTY: "", NUMBER: 010, YES: yes}\nenv_file: app.env',
  labels: 'labels: {a: b, "com.example.x": "1", EMPTY: }',
  identity:
    'hostname: h1\ndomainname: example.org\nuser: "0:0"\nworking_dir: /tmp\ntty: true\nstdin_open: true\nstop_signal: SIGINT\nstop_grace_period: 1m2s',
  expose: 'expose: ["7000", "7001-7003/udp"]',
  ports: `ports: ["8080", "127.0.0.1::8081/udp", "127.0.0.1:${PORT}-${PORT + 2}:9000-9002", {target: 80, published: "${PORT + 3}", host_ip: 127.0.0.1, protocol: udp}]`,
  health:
    "healthcheck: {test: [CMD, /bin/busybox, 'true'], interval: 1s, timeout: 500ms, retries: 2, start_period: 1500ms}",
  healthshell: "healthcheck: {test: /bin/busybox true, interval: 1m}",
  healthoff: "healthcheck: {disable: true}",
  mac: "mac_address: 02:42:ac:11:65:43",
  none: "network_mode: none",
  host: "network_mode: host\nentrypoint: [/bin/busybox, sleep, '3600']\nstop_grace_period: 0s",
  bridge: "network_mode: bridge",
  joined: 'network_mode: "service:plain"\nipc: "service:shareable"\npid: "service:plain"',
  networks:
    "networks:\n  front: {aliases: [one, two], ipv4_address: 10.214.7.10, priority: 5}\n  back: {aliases: [three]}\n  default: {priority: 2}",
  listed: "networks: [back, front]",
  endpoint: "networks: {front: {driver_opts: {com.example.o: x}, link_local_ips: [169.254.8.8]}}",
  six: "networks: {six: {ipv4_address: 10.214.6.6, ipv6_address: 'fd00:214:6::6'}}",
  links: 'links: [plain, "labels:tags"]',
  always: "restart: always",
  onfailure: "restart: on-failure:3",
  never: 'restart: "no"',
  unlessstopped: "restart: unless-stopped",
  deployrestart: "deploy: {restart_policy: {condition: on-failure, max_attempts: 4, delay: 5s}}",
  binds:
    "volumes: [.:/data, .:/readonly:ro, .:/shared:z, {type: bind, source: ., target: /long}, {type: bind, source: ., target: /made, read_only: true, bind: {create_host_path: true}}, {type: bind, source: ., target: /private, bind: {propagation: rprivate}}]",
  named:
    "volumes: [store:/store, store:/readonly:ro, {type: volume, source: store, target: /nocopy, volume: {nocopy: true}}, {type: volume, source: options, target: /options}, /anonymous, {type: volume, target: /nameless}]",
  memory:
    "volumes: [{type: tmpfs, target: /cache, tmpfs: {size: 1m, mode: 0700}}]\ntmpfs: [/run, '/tmp:size=1m,mode=755']",
  mounted:
    "volumes: [{type: bind, source: ., target: /flat, consistency: cached, bind: {recursive: disabled}}, {type: bind, source: ., target: /whole, bind: {recursive: enabled, create_host_path: true}}, {type: bind, source: ., target: /there, bind: {create_host_path: false}}, {type: bind, source: ., target: /slave, bind: {propagation: rslave, create_host_path: true}}, {type: volume, target: /marked, volume: {labels: {of: volume}}}, {type: volume, source: store, target: /named, volume: {labels: {of: store}}}]",
  borrowed: "volumes_from: [named]",
  capabilities: "cap_add: [net_admin, CAP_SYS_TIME, SYS_TIME]\ncap_drop: [ALL]\nuser: '0'",
  switches:
    "privileged: true\nread_only: true\ninit: true\nipc: shareable\npid: host\nuts: host\nuserns_mode: host",
  groups: 'group_add: ["20", "1234"]\noom_score_adj: 100\nsysctls: {net.ipv4.ip_unprivileged_port_start: 0}',
  cgroup: "cgroup: host\ncgroup_parent: boardhand-test\nruntime: runc\nisolation: default",
  security: "security_opt: [no-new-privileges:true, seccomp=unconfined]",
  seccomp: "security_opt: [seccomp=profile.json, systempaths=unconfined]",
  resolver:
    "dns: [10.0.0.1]\ndns_search: [example.org]\ndns_opt: [ndots:2]\nextra_hosts: [somehost:10.1.2.3, 'other=::1']",
  logging: "logging: {driver: json-file, options: {max-size: 1m, max-file: 2}}",
  limits:
    "mem_limit: 64m\nmem_reservation: 32m\nmemswap_limit: 128m\nshm_size: 16m\ncpus: 0.3\ncpu_shares: 512\ncpuset: '0'\npids_limit: 100",
  swappiness: "mem_swappiness: 10\noom_kill_disable: false",
  quota: "cpu_period: 50000\ncpu_quota: 25000",
  deploy:
    "deploy: {resources: {limits: {cpus: '0.25', memory: 48m, pids: 50}, reservations: {cpus: '0.1', memory: 24m}}}",
  devices:
    'devices: ["/dev/null:/dev/xnull:r", /dev/zero, vendor.example/class=one]\ndevice_cgroup_rules: ["c 1:3 rw"]',
  ulimits: "ulimits: {nofile: 1024, nproc: {soft: 100, hard: 200}}",
  secrets:
    "secrets: [file, {source: file, target: below/it, mode: 0400, uid: '5'}, {source: file, target: /at/root}, text]",
  configs:
    "volumes: [store:/taken]\nconfigs: [conf, {source: conf, target: /etc/c}, {source: conf, target: /taken}, {source: inline, target: rel, mode: 0640}]",
  stopping: "pre_stop: [{command: /bin/busybox true, user: '0', environment: [A=b, C]}]",
  platform: "platform: linux/amd64",
  labelfile: "label_file: [extra.labels]\nlabels: {a: b}",
  labelonly: "label_file: extra.labels",
  external: "external_links: [boardhand-own-name:other]\ndepends_on: [fixed]",
  graphics: "gpus: [{driver: nvidia, count: 1, capabilities: [compute]}]",
  reserved:
    "deploy: {resources: {reservations: {devices: [{driver: nvidia, device_ids: ['0', '3'], capabilities: [gpu, utility]}]}}}",
  blocks:
    "blkio_config: {weight: 300, weight_device: [{path: /dev/null, weight: 400}], device_read_bps: [{path: /dev/null, rate: 12mb}], device_write_iops: [{path: /dev/null, rate: 30}]}",
  processors: "cpu_count: 2\ncpu_percent: 50",
  interactive: "attach: false\npull_policy: always\nprofiles: []\ndevelop: {watch: []}",
  fixed: "container_name: boardhand-own-name",
  several: "scale: 2",
  replicas: "deploy: {replicas: 2}",
  ordered:
    "depends_on: {plain: {condition: service_started}, health: {condition: service_healthy, restart: true}}",
};

/** Those that an older engine refuses: the API version (1.x) that it takes, name, text. */
const NEWER: readonly (readonly [since: number, name: string, text: string])[] = [
  [43, "annotated", "annotations: {com.example.a: b, org.example: }"],
  [
    44,
    "impatient",
    "healthcheck: {test: [CMD, /bin/busybox, 'true'], interval: 10s, start_period: 20s, start_interval: 200ms}",
  ],
  [
    44,
    "addressed",
    "networks: {front: {mac_address: '02:42:ac:11:65:45'}, back: {mac_address: '02:42:ac:11:65:46'}, default: }",
  ],
  [44, "moved", "mac_address: '02:42:ac:11:65:47'\nnetworks: {front: , back: {priority: 3}}"],
  [
    44,
    "recursive",
    "volumes: [{type: bind, source: ., target: /writable, read_only: true, bind: {recursive: writable}}, {type: bind, source: ., target: /readonly, read_only: true, bind: {recursive: readonly, propagation: rprivate}}]",
  ],
  [
    45,
    "below",
    "volumes: [{type: volume, source: store, target: /below, volume: {subpath: some/folder}}, {type: volume, source: store, target: /all, volume: {nocopy: true, subpath: other}}]",
  ],
  [
    48,
    "gateway",
    "networks: {front: {gw_priority: 1, priority: 1}, back: {gw_priority: -1}, default: {gw_priority: 100}}",
  ],
  [48, "modern", "networks: {modern: {ipv6_address: 'fd00:214:5::5'}}"],
  [48, "classic", "networks: {classic: {aliases: [old]}}"],
  [
    49,
    "interfaces",
    "networks: {front: {interface_name: outside, driver_opts: {com.example.o: x}}, back: {interface_name: inside}}",
  ],
];

/** What the services above use. */
const RESOURCES = `
networks:
  front:
    driver: bridge
    driver_opts: {com.docker.network.bridge.enable_icc: "true"}
    ipam: {config: [{subnet: 10.214.7.0/24, gateway: 10.214.7.1, ip_range: 10.214.7.0/25, aux_addresses: {host1: 10.214.7.9}}]}
    labels: {net: front}
  back: {name: boardhand-own-network, internal: true, attachable: true}
  six: {enable_ipv6: true, ipam: {driver: default, config: [{subnet: 10.214.6.0/24}, {subnet: "fd00:214:6::/64"}]}}
  modern: {enable_ipv4: false, enable_ipv6: true, ipam: {config: [{subnet: "fd00:214:5::/64", gateway: "fd00:214:5::1"}]}}
  classic: {enable_ipv4: true, enable_ipv6: false}
volumes:
  store:
  options: {name: boardhand-own-volume, driver: local, driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}, labels: {vol: options}}
secrets:
  file: {file: ./app.env}
  text: {environment: TEXT}
configs:
  conf: {file: app.env}
  inline: {content: "one $TEXT"}
`;

/** Files beside the compose file. */
export const FILES: Readonly<Record<string, string>> = {
  ".env": "TEXT=some text\n",
  "extra.labels": "from.file=yes\na=masked\n",
  "app.env": "FROM_FILE=yes\nONE=masked\n",
  "profile.json": '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n',
};

/** Names of the services that an engine with API 1.`api` can be asked for and one with 1.41 cannot. */
export function newerCases(api: number): readonly string[] {
  return NEWER.filter(([since]) => since <= api).map(([, name]) => name);
}

/** Every service that an engine with API 1.`api` can be asked for. */
export function casesFor(api: number): Readonly<Record<string, string>> {
  return { ...CASES, ...Object.fromEntries(newerCases(api).map((name) => [name, caseOf(name)])) };
}

/** The text of one service, with or without a newer engine. */
export function caseOf(name: string): string {
  return CASES[name] ?? NEWER.find((one) => one[1] === name)?.[2] ?? "";
}

/** The given services as a project; `textOf` gives another text for a service. */
export function projectOf(names: readonly string[], textOf: (name: string) => string = caseOf): string {
  const services = names.map((name) => {
    const lines = textOf(name)
      .split("\n")
      .filter((line) => line !== "");
    return [`  ${name}:`, "    image: REG/app", ...lines.map((line) => `    ${line}`)].join("\n");
  });
  return `services:\n${services.join("\n")}\n${RESOURCES}`;
}
