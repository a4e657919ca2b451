// How what is missing gets registered: the ways that the configuration allows, best first, or why there is none.
import type { EmulatorChoice } from "../../core/model/index.ts";
import { type HostTools, hostCommands } from "./host.ts";
import { chooseImage, type EmulatorImage, imageCommand, readEmulatorImage, sideEffect } from "./images.ts";
import type { Finding } from "./needs.ts";
import { adviceFor } from "./words.ts";

export interface Way {
  /** `update-binfmts`, `systemd-binfmt`, an image reference. */
  readonly name: string;
  /** One after the other; each a program and its arguments. */
  readonly commands: readonly (readonly string[])[];
  /** What it changes besides; null for nothing. */
  readonly sideEffect: string | null;
}

export interface Surroundings {
  /** Architecture of the engine. */
  readonly engine: string;
  /** Null where the engine's kernel is not this machine's. */
  readonly host: HostTools | null;
  /** References that the engine has. */
  readonly images: readonly string[];
}

export type Ways =
  | { readonly ok: true; readonly ways: readonly Way[] }
  | { readonly ok: false; readonly why: string; readonly hint: string };

export function waysFor(choice: EmulatorChoice, missing: readonly Finding[], around: Surroundings): Ways {
  const advice = adviceFor(missing.map(({ need }) => need.processor));
  if (choice === "none") {
    return { ok: false, why: "emulators is none, so nothing is registered here", hint: advice };
  }
  const host = around.host === null ? null : hostWay(missing, around.host);
  if (choice === "host") {
    if (host !== null) return { ok: true, ways: [host] };
    const why =
      around.host === null
        ? "emulators is host, but the engine runs on another kernel"
        : "this host has no tool that knows how to register it";
    return { ok: false, why, hint: advice };
  }
  if (choice === "auto") {
    const image = imageWay(chooseImage(around.images, around.engine), missing);
    return { ok: true, ways: host === null ? [image] : [host, image] };
  }
  const answer = readEmulatorImage(choice.image);
  return answer.ok ? { ok: true, ways: [imageWay(answer.image, missing)] } : answer;
}

function hostWay(missing: readonly Finding[], tools: HostTools): Way | null {
  const commands = hostCommands(tools, missing);
  if (commands === null) return null;
  const name = commands[0]?.[0] === "update-binfmts" ? "update-binfmts" : "systemd-binfmt";
  return { name, commands, sideEffect: null };
}

function imageWay(image: EmulatorImage, missing: readonly Finding[]): Way {
  return {
    name: image.reference,
    commands: [imageCommand(image, missing)],
    sideEffect: sideEffect(image.kind),
  };
}

/** What will be run, a line a command. */
export function renderWay(way: Way): readonly string[] {
  const effect = way.sideEffect === null ? [] : [`  (${way.sideEffect})`];
  return [...way.commands.map((command) => `$ ${command.join(" ")}`), ...effect];
}
