import { describe, expect, inject } from "vitest";
import { startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { appImage, busyboxLayer } from "../../lab/images.ts";
import { type PushedImage, pushImage, pushIndex } from "../../lab/push.ts";
import { expectUntouched, lookIdly, scenario } from "../failures/support.ts";
import type { World } from "../world.ts";

const WEB = "services: {web: {image: REG/web, restart: unless-stopped}}";

/** An image that nothing here runs: only its platform counts. */
const foreign = (board: World, platform: string, content: string, tag: string | null = null) =>
  pushImage(board.target("web"), tag, { platform, layers: [content] });

async function own(board: World, version: string): Promise<PushedImage> {
  return pushImage(board.target("web"), null, await appImage({ arch: "amd64", version, behaviour: "serve" }));
}

const pushWeb = (board: World, images: readonly PushedImage[]) =>
  pushIndex(
    board.target("web"),
    "latest",
    images.map((image) => ({ image })),
  );

describe("a list of architectures", () => {
  scenario(
    "must run this board's image, change nothing when it moved only for others, and move when it moved for this board",
    { compose: "services: {}" },
    async (board) => {
      const proxy = await startFaultyRegistry(board.registry);
      try {
        await board.writeCompose(WEB.replace("REG/", `${proxy.address}/${board.project}/`));
        const first = await own(board, "1");
        await pushWeb(board, [
          await foreign(board, "linux/arm/v7", "a"),
          first,
          await foreign(board, "linux/s390x", "a"),
        ]);
        await board.look();
        expect(await board.answer("web")).toBe("1");
        const old = await board.container("web");
        expect(old.platformDigest).toBe(first.digest);

        await pushWeb(board, [
          await foreign(board, "linux/arm/v7", "b"),
          first,
          await foreign(board, "linux/s390x", "b"),
        ]);
        proxy.asked.length = 0;
        await lookIdly(board);
        const tag = `/v2/${board.project}/web/manifests/latest`;
        expect(proxy.asked.map((one) => `${one.method} ${one.path}`)).toEqual([`HEAD ${tag}`, `GET ${tag}`]);
        await expectUntouched(board, "web", old);
        proxy.asked.length = 0;
        await lookIdly(board);
        expect(proxy.asked.map((one) => `${one.method} ${one.path}`)).toEqual([`HEAD ${tag}`]);

        await pushWeb(board, [await foreign(board, "linux/arm/v7", "b"), await own(board, "2")]);
        expect((await board.look()).rollout.kind).toBe("idle");
        expect(await board.answer("web")).toBe("2");
      } finally {
        await board.restart();
        await proxy.close();
      }
    },
  );

  scenario(
    "without this architecture must hold the service with what is there, until it is there again",
    { compose: WEB },
    async (board) => {
      await pushWeb(board, [await own(board, "1")]);
      await board.look();
      const old = await board.container("web");
      const other = await foreign(board, "linux/arm64", "x");
      await pushWeb(board, [other]);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "ArchitectureMissing" });
      const { reconciler } = await board.parts();
      const message = reconciler.view(board.project)?.plan?.held[0]?.message ?? "";
      expect(message).toContain("linux/amd64");
      expect(message).toContain("linux/arm64");
      await expectUntouched(board, "web", old);
      await pushWeb(board, [other, await own(board, "2")]);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
    },
  );
});

describe("tags of one architecture each", () => {
  for (const [tag, why] of [
    ["latest-amd64", "beside no tag of the written name"],
    ["amd64", "bare, for latest"],
  ] as const) {
    scenario(`:${tag}, ${why}, must be found and followed`, { compose: WEB }, async (board) => {
      await board.push("web", "1", "serve", { tag });
      await foreign(board, "linux/arm64", "x", tag.replace("amd64", "arm64"));
      await board.look();
      expect(await board.answer("web")).toBe("1");
      await board.push("web", "2", "serve", { tag });
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await board.answer("web")).toBe("2");
      await lookIdly(board);
    });
  }

  scenario(
    ":latest-amd64 must be used where :latest is a single image of another architecture",
    { compose: WEB },
    async (board) => {
      await foreign(board, "linux/arm64", "x", "latest");
      await board.push("web", "1", "serve", { tag: "latest-amd64" });
      await board.look();
      expect(await board.answer("web")).toBe("1");
    },
  );
});

describe("an image that is not what it seems", () => {
  scenario(
    "a tag that became a single image of another architecture must be held before anything is downloaded",
    { compose: "services: {}" },
    async (board) => {
      const proxy = await startFaultyRegistry(board.registry);
      try {
        await board.writeCompose(WEB.replace("REG/", `${proxy.address}/${board.project}/`));
        await board.push("web", "1");
        await board.look();
        const old = await board.container("web");
        const wrong = await foreign(board, "linux/s390x", board.project, "latest");
        proxy.asked.length = 0;
        await lookIdly(board);
        expect(board.held()).toEqual({ web: "ArchitectureMismatch" });
        const layers = wrong.layers.map((layer) => layer.digest);
        expect(proxy.asked.filter((one) => layers.some((digest) => one.path.includes(digest)))).toEqual([]);
        expect(proxy.asked.filter((one) => one.by === "engine")).toEqual([]);
        await expectUntouched(board, "web", old);
      } finally {
        await board.restart();
        await proxy.close();
      }
    },
  );

  scenario(
    "a list that names another architecture's image for this board must be held by what its config says",
    { compose: WEB },
    async (board) => {
      await pushWeb(board, [await own(board, "1")]);
      await board.look();
      const old = await board.container("web");
      const image = await foreign(board, "linux/arm64", "liar");
      await pushIndex(board.target("web"), "latest", [{ image, platform: "linux/amd64" }]);
      await lookIdly(board);
      expect(board.held()).toEqual({ web: "ArchitectureMismatch" });
      await expectUntouched(board, "web", old);
    },
  );

  scenario(
    "a config that says this architecture over programs of another must be rolled back",
    { compose: WEB },
    async (board) => {
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      const layer = await busyboxLayer("amd64");
      const binary = Buffer.from(layer["bin/busybox"]?.content ?? "");
      // e_machine of an ELF header: 22 is S/390, which nothing here emulates.
      binary.writeUInt16LE(22, 18);
      await pushImage(board.target("web"), "latest", {
        platform: "linux/amd64",
        layers: [{ "bin/busybox": { content: binary, mode: 0o755 } }],
        config: { Cmd: ["/bin/busybox", "sleep", "3600"] },
      });
      const memory = await board.look();
      expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
      await expectUntouched(board, "web", old);
      expect(await board.answer("web")).toBe("1");
    },
  );
});

describe.skipIf(inject("emulators").length < 2)("services with a platform of their own", () => {
  scenario(
    "must run that platform's image of one list side by side, and each must follow its own",
    {
      compose: `
services:
  arm64: {image: REG/web, platform: linux/arm64, restart: unless-stopped}
  armv7: {image: REG/web, platform: linux/arm/v7, restart: unless-stopped}
  native: {image: REG/web, restart: unless-stopped}
`,
    },
    async (board) => {
      const machine = async (service: string) => {
        const { id } = await board.container(service);
        return (await board.docker("exec", id, "/bin/busybox", "uname", "-m")).stdout.trim();
      };
      const names = ["arm64", "armv7", "native"];
      await board.pushList("web", "1", ["amd64", "arm64", "armhf"]);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await Promise.all(names.map(machine))).toEqual(["aarch64", "armv7l", "x86_64"]);
      const native = await board.container("native");
      await lookIdly(board);

      const arm = async (arch: "arm64" | "armhf") =>
        pushImage(board.target("web"), null, await appImage({ arch, version: "2", behaviour: "serve" }));
      await pushWeb(board, [await own(board, "1"), await arm("arm64"), await arm("armhf")]);
      expect((await board.look()).rollout.kind).toBe("idle");
      expect(await Promise.all(names.map((name) => board.answer(name)))).toEqual(["2", "2", "1"]);
      expect(await Promise.all(names.map(machine))).toEqual(["aarch64", "armv7l", "x86_64"]);
      await expectUntouched(board, "native", native);
      await lookIdly(board);
    },
  );
});
