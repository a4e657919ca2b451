import { describe, expect, it } from "vitest";
import { answer, fakeEngine } from "./fake-engine.ts";

const INFO = { Name: "board", DefaultRuntime: "runc", LoggingDriver: "json-file", OSType: "linux" };

type Answers = Readonly<Record<string, unknown>>;

async function engineWith(answers: Answers) {
  return fakeEngine((request, response) => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "").replace(/\?.*$/, "");
    const found = answers[decodeURIComponent(path)];
    answer(response, found === undefined ? 404 : 200, found ?? { message: "no such thing" });
  });
}

const one = (parts: object = {}) => ({
  "/info": INFO,
  "/containers/one/json": {
    Id: "one",
    Image: "sha256:i",
    Config: { Hostname: "h" },
    HostConfig: { Memory: 5 },
    NetworkSettings: { Networks: { n: { Aliases: ["a"] } } },
  },
  "/images/sha256:i/json": { Id: "sha256:i", Config: { User: "app" } },
  ...parts,
});

describe("what containers were made with", () => {
  it("must be the engine's own words for them and for their image", async () => {
    const { engine } = await engineWith(one());
    const details = await engine.details(["one"]);
    expect([...details]).toEqual([
      [
        "one",
        {
          config: { Hostname: "h" },
          hostConfig: { Memory: 5 },
          networks: { n: { Aliases: ["a"] } },
          image: { User: "app" },
          engine: {
            ...{ hostName: "board", runtime: "runc", logDriver: "json-file", cgroupVersion: "1" },
            unenforced: ["CpuPercent"],
          },
        },
      ],
    ]);
  });

  it("must be left out where the container or its image is gone, and the image be asked for once", async () => {
    const two = { Id: "two", Image: "sha256:i" };
    const three = { Id: "three", Image: "sha256:gone" };
    const fake = await engineWith(one({ "/containers/two/json": two, "/containers/three/json": three }));
    const details = await fake.engine.details(["one", "two", "three", "four"]);
    expect([...details.keys()]).toEqual(["one", "two"]);
    expect(details.get("two")).toMatchObject({ config: {}, hostConfig: {}, networks: {} });
    expect(fake.requests.filter((request) => request.includes("/images/sha256"))).toHaveLength(2);
    expect(fake.requests.filter((request) => request.includes("/info"))).toHaveLength(1);
  });

  it("must say what this engine's kernel cannot do", async () => {
    const info = { ...INFO, MemoryLimit: false, SwapLimit: false, PidsLimit: true, CgroupVersion: "2" };
    const { engine } = await engineWith(one({ "/info": info }));
    expect((await engine.details(["one"])).get("one")?.engine).toMatchObject({
      cgroupVersion: "2",
      unenforced: ["Memory", "MemoryReservation", "MemorySwap", "MemorySwappiness", "CpuPercent"],
    });
  });
});
