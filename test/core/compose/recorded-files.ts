// What docker compose 2.40.3 printed for `config --hash web` over uses of secrets and configs, and hooks.

/** The top-level sections that the services use. */
export const SECTIONS = `secrets:
  one: {file: ./one.txt}
  two: {environment: TOKEN}
configs:
  c1: {file: /etc/c1}
  c2: {content: a}
`;

/** [construct, keys of the service beside image: nginx, recorded hash]. */
export const RECORDED_FILES: readonly (readonly [title: string, body: string, hash: string])[] = [
  ["a secret by name", "secrets: [one]", "eed80ed98a32f239e3c60d20baa03d9743d7c513cfc99b74193860505365b64e"],
  [
    "secrets in the long form",
    'secrets:\n  - source: one\n    target: t\n    uid: "103"\n    gid: "104"\n    mode: 0440\n  - {source: two, target: /abs/x, mode: "0600"}',
    "699beec5f8c7fc66be0a82e6912e214ef5b1362c22b5304e20ad4745198273b7",
  ],
  [
    "an empty target",
    'secrets: [{source: one, target: ""}]',
    "8b9ff99df5a1e6206ae2ab610efa2996a3dbd3bb3b3f457dfdf3d32e4c66bda1",
  ],
  [
    "empty owners",
    'secrets: [{source: one, uid: "", gid: ""}]',
    "eed80ed98a32f239e3c60d20baa03d9743d7c513cfc99b74193860505365b64e",
  ],
  [
    "a mode of zero",
    "secrets: [{source: one, mode: 0}]",
    "f7f7c56b8ac49da3d1d276bf92fe914158254783055a5a54700434b69cc6c46d",
  ],
  [
    "a mode in decimal",
    "secrets: [{source: one, mode: 440}]",
    "d71c58367d972df69d3d40a757f373596e5f9d07f82cdf59a5577641f4883216",
  ],
  [
    "a mode in YAML 1.2 octal",
    "secrets: [{source: one, mode: 0o440}]",
    "59ab4a2d9c6ab3c3b4bdaf317c25c4942316154fc35d2775c07d8b1a0ffb55eb",
  ],
  [
    "a mode as a text without a leading zero",
    'secrets: [{source: one, mode: "440"}]',
    "59ab4a2d9c6ab3c3b4bdaf317c25c4942316154fc35d2775c07d8b1a0ffb55eb",
  ],
  [
    "a mode with underscores",
    "secrets: [{source: one, mode: 0_440}]",
    "59ab4a2d9c6ab3c3b4bdaf317c25c4942316154fc35d2775c07d8b1a0ffb55eb",
  ],
  [
    "a secret at the target of another",
    "secrets: [one, two, {source: two, target: /run/secrets/one}]",
    "b48dbb0811c1354e24924713161728316b0ee28c387b9deb2546ba1f00346aef",
  ],
  [
    "a relative target that ends at the same place",
    "secrets: [one, {source: two, target: one}]",
    "a52977451171cfcdda561d3afef359fa0887d91bce88460250f3eaca8d605c1a",
  ],
  [
    "configs",
    'configs: [c1, {source: c2, target: /etc/c2, uid: "1", mode: 292}]',
    "e4b359389d49945c768ab38dfdfc72b01ed932289f818b3a00ecd7e4312e11b8",
  ],
  [
    "a config at the target of another",
    "configs: [c1, {source: c2, target: /c1}]",
    "99018d47a2d1af57389bb98361e7afb45882c894dda3af76f379b3971c6ce3ea",
  ],
  ["no secrets", "secrets: []", "daef7adc9ecc59d4881bd1ebc06f26a836d35656f8b5fb0adfdb95b2d856fbd3"],
  [
    "hooks",
    'post_start:\n  - command: [echo, hi]\n    user: root\n    privileged: true\n    working_dir: /tmp\n    environment: [A=b, C]\npre_stop:\n  - command: sleep 1\n    environment: {X: 1.50, B: null, D: ""}',
    "479a229914a2022b2c2913b0cfbeeb019ca9e309bdfa72f827cc20b9d52905d0",
  ],
  [
    "hooks with nothing in them",
    'post_start: [{command: }, {command: []}, {command: "", privileged: false, user: ""}]',
    "44e7b01ac82cfdd6ec5888d6f1764324931bbf1f2ccdd9a297775cc638cf4e61",
  ],
  [
    "a hook as a line of shell",
    'post_start: [{command: "echo \\"a b\\" c"}]',
    "657e4478771f577b06190dae79e3d97e5fd5fb6a57808bddfdafa59fe4695157",
  ],
  ["no hooks", "post_start: []", "daef7adc9ecc59d4881bd1ebc06f26a836d35656f8b5fb0adfdb95b2d856fbd3"],
];
