import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectUntouched, lookIdly, scenario } from "./support.ts";

const BAD = "volumes: [{type: bind, source: ./data, target: /data, bind: {create_host_path: false}}]";
const compose = (extra = "") => `
services:
  api: {image: REG/api, restart: unless-stopped}
  bad:
    image: REG/bad
    restart: unless-stopped
    ${extra}
  web: {image: REG/web, restart: unless-stopped, depends_on: [api]}
`;

describe("a service that cannot be made", () => {
  scenario(
    "must not keep the others from moving, be held with the engine's words, and follow when it can",
    { compose: compose() },
    async (board) => {
      for (const name of ["api", "bad", "web"]) await board.push(name, "1");
      await board.look();
      const old = await board.container("bad");
      await board.push("api", "2");
      await board.push("web", "2");
      await board.writeCompose(compose(BAD));
      await board.look();
      await expectUntouched(board, "bad", old);
      expect([await board.answer("api"), await board.answer("web")]).toEqual(["2", "2"]);
      expect((await board.container("bad")).startedAt).toBe(old.startedAt);
      // Once more without the work that this look tidied up, and from then on with pauses.
      await board.look();
      await lookIdly(board);

      await mkdir(join(board.directory, "data"));
      expect((await board.look({ force: true })).rollout.kind).toBe("idle");
      expect((await board.container("bad")).mounts).toMatchObject([{ destination: "/data" }]);
      expect(board.held()).toEqual({});
    },
  );

  scenario(
    "must not keep a first deployment of the others waiting, and only what needs it must wait",
    { compose: `${compose(BAD)}  after: {image: REG/after, depends_on: [bad]}\n` },
    async (board) => {
      for (const name of ["after", "api", "bad", "web"]) await board.push(name, "1");
      await board.look();
      expect([await board.answer("api"), await board.answer("web")]).toEqual(["1", "1"]);
      expect((await board.containers()).map((c) => c.service)).toEqual(["api", "web"]);
    },
  );
});
