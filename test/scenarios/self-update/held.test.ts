// What is wrong with an offer is said before anything is fetched or touched, and a person's word makes it be tried again.
import { describe, expect, it, vi } from "vitest";
import { type PushTarget, pushImage, pushIndex } from "../../lab/push.ts";
import { type Own, UPDATE_MS, withOwn } from "./own.ts";

vi.setConfig({ testTimeout: 3 * UPDATE_MS });

let own: Own;
withOwn((made) => {
  own = made;
});

/** Which container it is, since when it runs, what else there is of its name, and which image its tag means here. */
async function untouched(name: string, image: string) {
  const { Id, State } = (await own.container(name)) ?? { Id: null, State: null };
  const { stdout } = await own.docker.run("image", "ls", "--all", "--digests", "--quiet", image);
  return { Id, startedAt: State?.StartedAt, names: await own.names(name), images: stdout };
}

describe("an agent", () => {
  it("that is offered other processors' images must hold them, and must not fetch any", async () => {
    const name = "bhheld-foreign";
    const image = own.name();
    const target: PushTarget = {
      address: own.registry.address,
      repository: image.slice(own.registry.address.length + 1),
    };
    await own.publish(image, "1", [], true);
    await own.start(name, image);
    const before = await untouched(name, image);
    const foreign = await pushImage(target, "latest", { platform: "linux/arm64", layers: ["foreign"] });
    expect(await own.becomesHeld(name, "ArchitectureMismatch")).toMatch(/arm64/);
    await pushIndex(target, "latest", [{ image: foreign }]);
    expect(await own.becomesHeld(name, "ArchitectureMissing")).toMatch(/amd64/);
    expect(await untouched(name, image)).toEqual(before);
  });

  it("whose disk has no room for the new image must say how much it needs, and fetch nothing", async () => {
    const name = "bhheld-space";
    const image = own.name();
    await own.publish(image, "1", [], true);
    await own.start(name, image, { config: { images: { min_free_space: "900000000MB" } } });
    const before = await untouched(name, image);
    await own.publish(image, "2", ["RUN echo more > /more"]);
    const message = await own.becomesHeld(name, "NotEnoughSpace");
    expect(message).toMatch(/needs about \d+ MB for layers that are missing, and \d+ MB must stay free/);
    expect(await untouched(name, image)).toEqual(before);
  });

  it("must try a version that it has quarantined again when a person resumes it", async () => {
    const name = "bhheld-resume";
    const image = own.name();
    await own.publish(image, "1", [], true);
    await own.start(name, image);
    await own.docker.ok("exec", name, "touch", "/data/broken");
    // Broken by what is on the board, which a person can put right.
    await own.publish(image, "2", [
      `RUN printf '%s\\n' '#!/bin/sh' '[ ! -e /data/broken ] || exit 7' 'exec boardhand "$@"' > /entry && chmod +x /entry`,
      'ENTRYPOINT ["/entry"]',
      'CMD ["run"]',
    ]);
    expect(await own.becomesHeld(name, "Quarantined")).toMatch(/exit code 7/);
    await own.docker.ok("exec", name, "rm", "/data/broken");
    await own.docker.ok("exec", name, "boardhand", "resume", "_agent");
    await own.becomes(name, "2");
    expect((await own.status(name))?.agent.selfUpdate?.quarantine).toEqual([]);
  });
});
