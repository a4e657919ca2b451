// What the smoke stage found out about one image, and the same as lines for people.
import { shortDigest } from "../../core/model/index.ts";

export interface CheckedProgram {
  /** Absolute, in the image, as it was named; links were followed. */
  readonly path: string;
  /** `ENTRYPOINT`, `CMD`, `smoke`, `HEALTHCHECK`, or the path of the file that starts it. */
  readonly origin: string;
  /** `amd64`, `arm v7 hard float`. */
  readonly machine: string;
  /** A QEMU that came with the base image: foreign, and no fault. */
  readonly emulator: boolean;
}

export interface SmokeCheck {
  readonly imageId: string;
  /** Unpacked, bytes; null where the engine does not say. */
  readonly size: number | null;
  /** By the image's config: `linux/arm/v7`. */
  readonly platform: string;
  readonly programs: readonly CheckedProgram[];
  /** What is no reason to refuse the image. */
  readonly remarks: readonly string[];
  /** Null where the matrix has none, or it did not come to that. */
  readonly command: readonly string[] | null;
  /** First line that the command printed; null when it printed nothing or did not run. */
  readonly output: string | null;
}

/** What was read, before anything runs: one line for the image, one for each program. */
export function renderReading({ imageId, platform, size, programs }: SmokeCheck): readonly string[] {
  const large = size === null ? "" : `, ${(size / 1e6).toFixed(1)} MB`;
  const found = programs.map(
    ({ path, origin, machine, emulator }) =>
      `program ${path} (${origin}): ${machine}${emulator ? ", the emulator" : ""}`,
  );
  const none = programs.length === 0 ? ["no program was found to check"] : [];
  return [`image ${shortDigest(imageId)}: ${platform}${large}`, ...found, ...none].map(printable);
}

/** Without what could move a terminal's cursor: paths and output come from inside the image. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}
