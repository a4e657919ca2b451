// Images that the engine has, and pushes of them, for the tests of the push stage.
import { readdir } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { parseReference } from "../../../src/core/image/index.ts";
import type { StageOutcome } from "../../../src/pipeline/model.ts";
import { runPush } from "../../../src/pipeline/stages/push.ts";
import { archTags } from "../../../src/pipeline/tags/index.ts";
import type { ProgramCall } from "../../../src/ports/index.ts";
import { pushImage } from "../../lab/push.ts";
import { armhf } from "../../pipeline/rows.ts";
import { imageSpec, type Lab, type LabOptions, releasesOf, startLab, taggedBuild } from "./registry-lab.ts";

type Result = StageOutcome & { readonly text: string; readonly calls: readonly ProgramCall[] };

/** A lab for the tests of one file. */
export function usePush() {
  const source = inject("registryAddress");
  const stops: (() => Promise<void>)[] = [];
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab(inject("engineHost"));
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  afterAll(() => lab?.remove());

  return {
    stops,
    deps: (options: LabOptions) => lab.deps(options),
    userConfig: () => lab.userConfig,
    nothingLeft: async () => expect(await readdir(lab.scratch)).toEqual([]),
    /** An ARM image that the engine has as `name`, as the image stage leaves one. */
    async built(name: string, version = "1.2.3"): Promise<void> {
      const tag = `built-${version}`;
      const spec = imageSpec("linux/arm/v7", { version });
      await pushImage({ address: source, repository: "pipeline-push/built" }, tag, spec);
      const from = `${source}/pipeline-push/built:${tag}`;
      await lab.docker("pull", "--quiet", "--platform", "linux/arm/v7", from);
      await lab.docker("tag", from, name);
      await lab.docker("image", "rm", from);
    },
    /** Pushes the image of one row, and closes the login as a build does at its end. */
    async push(options: LabOptions, row = armhf): Promise<Result> {
      const deps = lab.deps({ context: taggedBuild("v1.2.3"), ...options });
      const tags = archTags(row.tags, row.word, releasesOf(deps.context));
      try {
        const outcome = await runPush(deps, row, `${options.image}:${row.word}`, tags);
        return { ...outcome, text: deps.text(), calls: deps.calls };
      } finally {
        await deps.login.close();
        expect(await readdir(lab.scratch)).toEqual([]);
      }
    },
    async digestOf(image: string, tag: string): Promise<string | null> {
      const asked = lab.deps({ image }).registry.head(parseReference(image), tag);
      return await asked.then(
        ({ digest }) => digest,
        () => null,
      );
    },
  };
}
