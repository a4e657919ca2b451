// What docker compose 2.40.3 printed for `config --hash '*'` over one service per construct, with the model it had loaded.
import type { ServiceSpec } from "../../../../src/core/model/index.ts";

/** [construct, canonical model, recorded hash]. */
export const RECORDED_BASICS: readonly (readonly [title: string, spec: ServiceSpec, hash: string])[] = [
  [
    "nothing but an image",
    { image: "x", networks: { default: null } },
    "d5457d0b2799957b606d2ac4ed52d85a1e75799490e56229948300b9a59e8953",
  ],
  [
    "an explicitly empty command",
    { image: "x", command: [], networks: { default: null } },
    "3d468734184b929690365f419d108fae255637bf8673b4c7bd5ea2f030a83aff",
  ],
  [
    "command and entrypoint lists",
    {
      image: "x",
      entrypoint: ["/bin/sh", "-c"],
      command: ['echo <a> & "b"\t\u2028é'],
      networks: { default: null },
    },
    "f95bc768add655718ef287584a6254e1d8f450c65696e5172c45ffa668c543ff",
  ],
  [
    "environment with integer-like keys, null and empty values",
    {
      image: "x",
      environment: { "9": "y", "10": "x", B: "", A: null, "😀": "1", "～": "2" },
      networks: { default: null },
    },
    "d5ea0819e7739105aa7dfecf1b3f568902e40a8feb99e39bda3d5f7d4b3e48a3",
  ],
  [
    "labels",
    { image: "x", labels: { "b.c": "1", a: "" }, networks: { default: null } },
    "4238eccf59bf4c420e07a425eb8afbd59fbd528a98a46435f6e46bd0e346658b",
  ],
  [
    "names",
    {
      image: "x",
      container_name: "cn",
      hostname: "h",
      domainname: "d.e",
      user: "1:2",
      working_dir: "/w",
      networks: { default: null },
    },
    "c7bfa326e60a629dd24621b5a6ca9699cbe3d8b858ed30575f66696d4cd68ae4",
  ],
  [
    "restart, platform, runtime, stop",
    {
      image: "x",
      restart: "on-failure:3",
      platform: "linux/arm/v7",
      runtime: "r",
      stop_signal: "SIGINT",
      stop_grace_period: 90000000000,
      networks: { default: null },
    },
    "0dfdedc420f3267ad3d3c77584ae8d0e03a74805cfaaf933da31021bc0c9ab27",
  ],
  [
    "what does not reach the container",
    {
      image: "x",
      pull_policy: "always",
      profiles: ["x"],
      scale: 2,
      deploy: { replicas: 2 },
      networks: { default: null },
    },
    "44afd1045bf833334d45f6fe848d207c5338c9e318b0126c9f1427c9cc291b8e",
  ],
  [
    "a health check with zeros",
    {
      image: "x",
      healthcheck: {
        test: ["CMD", "a"],
        interval: 3600500000000,
        timeout: 0,
        start_period: 1500000,
        start_interval: 250000000,
        retries: 0,
      },
      networks: { default: null },
    },
    "fedaa8fee201e79e9beb03b97da99bf97c023d18806ac36483dece838d62a48b",
  ],
  [
    "a disabled health check",
    { image: "x", healthcheck: { disable: true }, networks: { default: null } },
    "ad3610d7beb23355e78761b6705a30bbeac00a7e3efdbfc08ec2a18d3b9de524",
  ],
  [
    "ports",
    {
      image: "x",
      ports: [
        {
          name: "n",
          mode: "host",
          host_ip: "127.0.0.1",
          target: 80,
          published: "8000-8010",
          protocol: "udp",
          app_protocol: "http",
        },
        { mode: "ingress", target: 81, protocol: "tcp" },
      ],
      expose: ["7000", "7001-7003/udp"],
      networks: { default: null },
    },
    "96c93d55af316e85331e9bdba24f1eb27ea6352853baea1314d3f10504e93e0d",
  ],
  [
    "short binds",
    {
      image: "x",
      volumes: [
        {
          type: "bind",
          source: "/a",
          target: "/b",
          read_only: true,
          bind: { selinux: "z", create_host_path: true },
        },
        {
          type: "bind",
          source: "/c",
          target: "/d",
          bind: { propagation: "rshared", create_host_path: true },
        },
      ],
      networks: { default: null },
    },
    "80f80777f6ddb3f73408ceb9f7c16ddcc930de84e2bfdc8a15c26f2e565cb835",
  ],
  [
    "long binds",
    {
      image: "x",
      volumes: [
        { type: "bind", source: "/a", target: "/b" },
        { type: "bind", source: "/a", target: "/c", bind: {} },
        { type: "bind", source: "/a", target: "/d", bind: { create_host_path: false } },
      ],
      networks: { default: null },
    },
    "56153c77dca48e7d3d9d473bd8d0d616d8b9c075719646a9cb701d4dcb56a706",
  ],
  [
    "named and anonymous volumes",
    {
      image: "x",
      volumes: [
        { type: "volume", source: "data", target: "/b", volume: {} },
        { type: "volume", target: "/anon", volume: {} },
        {
          type: "volume",
          source: "data",
          target: "/e",
          consistency: "cached",
          volume: { nocopy: true, subpath: "s", labels: { l: "1" } },
        },
        { type: "tmpfs", target: "/t", tmpfs: { size: 67108864, mode: 1023 } },
      ],
      networks: { default: null },
    },
    "7cddedd51544e195ebdde3510415860cf04bcb727e14804b6a182baf6e6e6ec3",
  ],
  [
    "service networks with options",
    {
      image: "x",
      networks: {
        n1: {
          aliases: ["x"],
          ipv4_address: "10.1.0.2",
          ipv6_address: "fd00::2",
          link_local_ips: ["169.254.1.1"],
          mac_address: "02:42:ac:11:00:02",
          priority: 5,
          driver_opts: { k: "v" },
        },
        n2: null,
        n3: {},
      },
    },
    "c2387d89fb0e606aab49ee616aee4c562e88b7e4d3cc961fccbfd4173801ec0c",
  ],
];
