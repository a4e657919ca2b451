// A registry's own notifications reach the daemon, and what was pushed is deployed; nothing else makes it look.
import { describe, expect, it } from "vitest";
import { appImage, type LabArch } from "../../lab/images.ts";
import { pushImage, pushIndex } from "../../lab/push.ts";
import { causes, comesToTell, notified, tell, told } from "./support.ts";

describe("a registry that tells of pushes", () => {
  it("must have each of them deployed, without a tick of the schedule", async () => {
    const { board, token } = await notified();
    await board.world.push("web", "2");
    await board.comesToAnswer("web", "2");
    await board.settles();
    await board.world.push("web", "3");
    await board.comesToAnswer("web", "3");
    await board.settles();
    expect(await causes(board)).toEqual(["startup", "webhook", "webhook"]);
    const { last } = await comesToTell(board, (seen) => seen.last?.state === "arrived");
    expect(last).toMatchObject({
      provider: "distribution",
      image: `${board.world.registry}/${board.world.project}/web:latest`,
    });
    const printed = await board.command("status");
    expect(printed.stdout).toContain("the registry shows a new image");
    const page = await (await fetch(board.base, { headers: { connection: "close" } })).text();
    expect(page).toContain("from distribution: the registry shows a new image");
    expect(board.said + page + printed.stdout).not.toContain(token);
  });

  it("must not make the daemon look for its own reads, nor for what no project uses", async () => {
    const { board } = await notified();
    const before = await told(board);
    await board.world.push("web", "9", "serve", { tag: "nightly" });
    await board.world.push("other", "9");
    await board.world.push("web", "9", "serve", { tag: "arm64", arch: "arm64" });
    const after = await comesToTell(board, ({ counts }) => counts.unknown >= before.counts.unknown + 3);
    expect(after.counts.taken).toBe(before.counts.taken);
    expect(after.last?.state).toBe("unknown");
    expect(await causes(board)).toEqual(["startup"]);
    expect(await board.answer("web")).toBe("1");
  });

  it("must bring a list that is pushed child by child, whichever child comes first", async () => {
    const { board } = await notified();
    const target = board.world.target("web");
    const child = async (arch: LabArch) => ({
      image: await pushImage(target, null, await appImage({ arch, version: "2", behaviour: "serve" })),
    });
    const arm = await child("arm64");
    await pushIndex(target, "latest", [arm]);
    await comesToTell(board, ({ last }) => last?.state === "looking");
    const { digest } = await pushIndex(target, "latest", [arm, await child("amd64")]);
    await board.comesToAnswer("web", "2");
    await board.settles();
    const { body } = await board.get(`/api/v1/projects/${board.world.project}`);
    expect(body).toMatchObject({ services: [{ image: { digest }, available: null, held: null }] });
  });

  it("must be told that all is well while the daemon was away, and the push be deployed", async () => {
    const { board } = await notified();
    expect((await board.end()).code).toBe(0);
    await board.world.push("web", "2");
    await board.start();
    const { counts } = await comesToTell(board, (seen) => seen.counts.taken > 0);
    expect(counts.refused).toBe(0);
    await board.comesToAnswer("web", "2");
  });
});

describe("a sender that tells of a push before the registry shows it", () => {
  it("must be believed for a while: the push is deployed when it is there", async () => {
    const made = await notified();
    const { board } = made;
    const image = `${board.world.registry}/${board.world.project}/web:latest`;
    for (let i = 0; i < 6; i++) expect(await tell(made, image)).toBe(202);
    await comesToTell(board, ({ last }) => last?.state === "looking");
    expect(await board.answer("web")).toBe("1");
    await board.world.push("web", "2");
    await board.comesToAnswer("web", "2");
  });
});

describe("somebody without the token", () => {
  it("must be refused alike for every path, be counted, and move nothing", async () => {
    const made = await notified();
    const { board, token } = made;
    const image = `${board.world.registry}/${board.world.project}/web:latest`;
    const before = await told(board);
    const paths = [
      `/hooks/generic/${token.slice(1)}x`,
      `/hooks/nobody/${token}`,
      "/hooks/generic/",
      "/hooks",
    ];
    const bodies = new Set<string>();
    for (const path of paths) {
      const body = JSON.stringify({ image });
      const headers = { connection: "close" };
      const answer = await fetch(`${board.base}${path}`, { method: "POST", headers, body });
      expect(answer.status).toBe(404);
      bodies.add(await answer.text());
    }
    expect(bodies.size).toBe(1);
    const { counts } = await told(board);
    expect(counts.refused).toBe(before.counts.refused + paths.length);
    expect(counts.taken).toBe(before.counts.taken);
    expect(await causes(board)).toEqual(["startup"]);
  });
});
