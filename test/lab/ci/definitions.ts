// Every definition under deploy/pipeline, as the jobs that its CI would run for an event.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { actionsJobs } from "./actions.ts";
import { dockerHubJobs } from "./docker-hub.ts";
import { droneJobs } from "./drone.ts";
import type { CiEvent, CiJob, CiSettings } from "./job.ts";
import { travisJobs } from "./travis.ts";

export const definitionsFolder = join(import.meta.dirname, "../../../deploy/pipeline");

export interface CiDefinition {
  readonly name: string;
  /** Whether DOCKER_PUSH is a line of the file or a variable of the CI's settings. */
  readonly pushIsSet: "in the file" | "in the settings";
  /** `edit` changes the file's text first, as whoever copies it would. */
  jobs(event: CiEvent, settings: CiSettings, edit?: (text: string) => string): readonly CiJob[];
}

function read(path: string): string {
  return readFileSync(join(definitionsFolder, path), "utf8");
}

function inFile(
  name: string,
  path: string,
  jobsOf: (text: string, event: CiEvent, settings: CiSettings) => readonly CiJob[],
): CiDefinition {
  return {
    name,
    pushIsSet: "in the file",
    jobs: (event, settings, edit = (text) => text) => jobsOf(edit(read(path)), event, settings),
  };
}

function inSettings(name: string, path: string, flavour: "github" | "forgejo"): CiDefinition {
  return {
    name,
    pushIsSet: "in the settings",
    jobs: (event, settings, edit = (text) => text) => actionsJobs(edit(read(path)), event, settings, flavour),
  };
}

const dockerHub: CiDefinition = {
  name: "dockerhub",
  pushIsSet: "in the settings",
  jobs: (event, settings) => {
    const build = {
      rules: [
        { dockerfile: "Dockerfile", word: "amd64" },
        { dockerfile: "Dockerfile.armhf", word: "armhf" },
        { dockerfile: "Dockerfile.aarch64", word: "aarch64" },
      ],
      repository: "index.docker.io/user/app",
      files: readdirSync(join(definitionsFolder, "dockerhub/hooks")),
    };
    return dockerHubJobs(build, event, settings);
  },
};

export const definitions: readonly CiDefinition[] = [
  inFile("travis", "travis/.travis.yml", travisJobs),
  inFile("travis-buildkit", "travis-buildkit/.travis.yml", travisJobs),
  inFile("drone", "drone/.drone.yml", droneJobs),
  inSettings("github", "github/.github/workflows/images.yml", "github"),
  inSettings("github-native", "github-native/.github/workflows/images.yml", "github"),
  inSettings("forgejo", "forgejo/.forgejo/workflows/images.yml", "forgejo"),
  dockerHub,
];

/** Takes DOCKER_PUSH out of a file that sets it. */
export function withoutPush(text: string): string {
  const lines = text.replaceAll(/^ *(?:env: )?DOCKER_PUSH[=:] ?"?yes"?\n/gm, "");
  return lines.replaceAll(" DOCKER_PUSH=yes", "");
}
