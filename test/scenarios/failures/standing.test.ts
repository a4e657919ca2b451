import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectUntouched, scenario } from "./support.ts";

const BAD = "volumes: [{type: bind, source: ./data, target: /data, bind: {create_host_path: false}}]";
const compose = (extra = "") => `
services:
  bad:
    image: REG/bad
    restart: unless-stopped
    ${extra}
  web: {image: REG/web, restart: unless-stopped}
`;

describe("a service that only has to be started", () => {
  scenario(
    "must not wait for the attempt to make another one, nor be given up with it",
    { compose: compose() },
    async (board) => {
      for (const name of ["bad", "web"]) await board.push(name, "1");
      await board.look();
      const [bad, web] = [await board.container("bad"), await board.container("web")];
      await board.docker("stop", "-t", "1", web.id);
      await board.writeCompose(compose(BAD));
      board.events.splice(0);
      const { rollout } = await board.look({ force: true });
      const steps = board.events.flatMap((event) =>
        event.kind === "stepDone" || event.kind === "stepFailed"
          ? [`${event.kind} ${event.step.kind} ${event.step.service}`]
          : [],
      );
      expect(steps.slice(0, 3)).toEqual([
        "stepDone startContainer web",
        "stepDone awaitHealthy web",
        "stepFailed createContainer bad",
      ]);
      expect((await board.container("web")).id).toBe(web.id);
      expect(await board.answer("web")).toBe("1");
      await expectUntouched(board, "bad", bad);
      expect(rollout).toMatchObject({ kind: "stalled", reason: expect.stringContaining("bad") });

      // Nothing was to blame for a folder that is missing.
      await mkdir(join(board.directory, "data"));
      expect((await board.look({ force: true })).rollout.kind).toBe("idle");
      expect((await board.container("bad")).mounts).toMatchObject([{ destination: "/data" }]);
      expect((await board.container("web")).id).toBe(web.id);
    },
  );
});
