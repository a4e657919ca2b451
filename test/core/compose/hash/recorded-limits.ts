// What docker compose 2.40.3 printed for `config --hash '*'` over one service per construct, with the model it had loaded.
import type { ServiceSpec } from "../../../../src/core/model/index.ts";

/** [construct, canonical model, recorded hash]. */
export const RECORDED_LIMITS: readonly (readonly [title: string, spec: ServiceSpec, hash: string])[] = [
  [
    "network_mode",
    { image: "x", network_mode: "host", pid: "host", ipc: "shareable" },
    "8d2aaa20d37f4dbab008afe340336c3d9c8993ea5a6c31455ec49d32a7eae5eb",
  ],
  [
    "an empty deploy",
    { image: "x", deploy: {}, networks: { default: null } },
    "44afd1045bf833334d45f6fe848d207c5338c9e318b0126c9f1427c9cc291b8e",
  ],
  [
    "deploy",
    {
      image: "x",
      deploy: {
        mode: "replicated",
        labels: { a: "b" },
        endpoint_mode: "vip",
        update_config: {
          parallelism: 0,
          delay: 10000000000,
          failure_action: "rollback",
          monitor: 60000000000,
          max_failure_ratio: 0.1,
          order: "start-first",
        },
        rollback_config: { parallelism: 2 },
        restart_policy: { condition: "on-failure", delay: 5000000000, max_attempts: 3, window: 120000000000 },
        placement: { constraints: ["node.role==manager"] },
      },
      networks: { default: null },
    },
    "d659fe16c9928cad0f95c03b96bf7e50253a65725a70977549248ebe8858354e",
  ],
  [
    "deploy resources",
    {
      image: "x",
      deploy: {
        resources: {
          limits: { cpus: 0.75, memory: 536870912, pids: 10 },
          reservations: {
            cpus: 0.1,
            memory: 20971520,
            devices: [
              { capabilities: ["gpu"], driver: "nvidia", count: -1, options: { o: "1" } },
              { capabilities: ["gpu"], device_ids: ["0"] },
            ],
          },
        },
      },
      networks: { default: null },
    },
    "cd902cbbc5199385add64c421feacd9cd6032b1f8f27afb77f45fe672328fd98",
  ],
  [
    "limits",
    {
      image: "x",
      shm_size: 67108864,
      mem_limit: 1073741824,
      mem_reservation: 536870912,
      memswap_limit: -1,
      cpus: 1.3,
      cpu_shares: 512,
      cpuset: "0,1",
      pids_limit: -1,
      oom_score_adj: -500,
      networks: { default: null },
    },
    "5c0cc4b82b9ed7401022065ab0af310efd5985b1aa70af496bf9ebec343d2c4f",
  ],
  [
    "ulimits",
    {
      image: "x",
      ulimits: {
        nofile: { soft: 1024, hard: 2048 },
        nproc: 65535,
        core: { soft: 0, hard: 0 },
        memlock: -1,
        zero: 0,
      },
      networks: { default: null },
    },
    "d3f3ea7dbd5054d2cf98de403e9a3dfdc003c1ef6fd500325f0c8bcfccf71bf3",
  ],
  [
    "devices",
    {
      image: "x",
      devices: [
        { source: "/dev/a", target: "/dev/a", permissions: "rwm" },
        { source: "/dev/b", target: "/dev/c", permissions: "r" },
      ],
      networks: { default: null },
    },
    "34e39fe0ec166dc270beef80ac77d7bd5158c66068ea30c1f4651360d910af19",
  ],
  [
    "capabilities and flags",
    {
      image: "x",
      cap_add: ["net_admin", "ALL"],
      cap_drop: ["MKNOD"],
      privileged: true,
      read_only: true,
      init: false,
      tty: true,
      stdin_open: true,
      security_opt: ["no-new-privileges:true"],
      group_add: ["audio", "44"],
      networks: { default: null },
    },
    "862e4c56fb983d872fc6416b782551b698e0d1e025f3bdcd6160e3cd5d9e221b",
  ],
  [
    "dns and hosts",
    {
      image: "x",
      dns: ["1.1.1.1"],
      dns_opt: ["ndots:1"],
      dns_search: ["a.b"],
      extra_hosts: ["a=::1", "z=1.2.3.4"],
      networks: { default: null },
    },
    "9a5d88a613f243e3d513f136c358b46056719e51d3ee85cb44b86163f507371e",
  ],
  [
    "sysctls, tmpfs, mac_address",
    {
      image: "x",
      sysctls: { "net.core.somaxconn": "1024" },
      tmpfs: ["/run:size=1m", "/tmp"],
      mac_address: "02:42:ac:11:00:03",
      networks: { default: null },
    },
    "11b80bdae832f08cda65a01e4eef24ab40639830d2febe3a438e5759bc9c3cbb",
  ],
  [
    "logging",
    {
      image: "x",
      logging: { driver: "json-file", options: { "max-size": "10m" } },
      networks: { default: null },
    },
    "514cf13de7bfc9dd9c28116f5c535f5614d8ecdf8e5c40bac41d1a9e4e810d79",
  ],
  [
    "an empty logging",
    { image: "x", logging: {}, networks: { default: null } },
    "820c87cb55b174910ddd0763fbcb592d593d9109bea7c11dafe474393402c81b",
  ],
  [
    "links",
    { image: "x", links: ["other:o"], networks: { default: null } },
    "14ca4fc70ee499fb9c92d0b4c72b63e496f716fc13c56caa9cd18b21a7191e41",
  ],
];
