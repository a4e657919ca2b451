// Images and lists on the run's registry, for the tests of the manifest stage.
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { parseReference } from "../../../src/core/image/index.ts";
import { runManifest } from "../../../src/pipeline/stages/manifest.ts";
import type { ManifestDocument } from "../../../src/ports/index.ts";
import { type ImageSpec, pushImage } from "../../lab/push.ts";
import { imageSpec, type Lab, type LabOptions, releasesOf, startLab, taggedBuild } from "./registry-lab.ts";

export const registry = inject("registryAddress");
export const release = taggedBuild("v1.2.3");

export const PLATFORMS: Readonly<Record<string, string>> = {
  amd64: "linux/amd64",
  armhf: "linux/arm/v7",
  aarch64: "linux/arm64",
};

type ListBody = {
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly platform: object;
  }[];
};

/** Pushes the images of three architectures under the tags of a release; another `version` makes other images. */
export async function pushed(
  repository: string,
  versions: readonly string[],
  rest: Partial<ImageSpec> & { readonly version?: string } = {},
): Promise<void> {
  for (const [word, platform] of Object.entries(PLATFORMS)) {
    for (const version of versions) {
      const tag = version === "latest" ? word : `${version}-${word}`;
      await pushImage({ address: registry, repository }, tag, imageSpec(platform, rest));
    }
  }
}

/** A lab for the tests of one file; `prefix` is its own on the shared registry. */
export function useLists(prefix: string) {
  const stops: (() => Promise<void>)[] = [];
  let lab: Lab;
  let repositories = 0;
  beforeAll(async () => {
    lab = await startLab(inject("engineHost"));
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  afterAll(() => lab?.remove());
  const reader = () => lab.deps({ image: `${registry}/any` }).registry;
  const at = (repository: string) => parseReference(`${registry}/${repository}`);

  return {
    stops,
    deps: (options: LabOptions) => lab.deps(options),
    docker: (...args: string[]) => lab.docker(...args),
    newRepository(): string {
      repositories += 1;
      return `${prefix}/app${repositories}`;
    },
    async lists(repository: string, options: Partial<LabOptions> = {}) {
      const deps = lab.deps({ image: `${registry}/${repository}`, context: release, ...options });
      return { ...(await runManifest(deps, releasesOf(deps.context))), text: deps.text() };
    },
    async manifestOf(
      repository: string,
      tag: string,
    ): Promise<ManifestDocument & { readonly body: ListBody }> {
      const document = await reader().manifest(at(repository), tag);
      return { ...document, body: document.body as ListBody };
    },
    async digestOf(repository: string, tag: string): Promise<string | null> {
      return await reader()
        .head(at(repository), tag)
        .then(
          ({ digest }) => digest,
          () => null,
        );
    },
  };
}
