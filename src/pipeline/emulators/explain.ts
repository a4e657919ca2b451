// Why a program in an image did not start, where that is for want of an emulator; other failures are none of this.
import type { Platform } from "../../core/model/index.ts";
import { formatPlatform } from "../../core/model/index.ts";
import type { StageFailure } from "../model.ts";
import { processorOf, runsByItself } from "./processors.ts";
import { adviceFor } from "./words.ts";

const NO_EMULATOR = /exec format error/i;
/**
 * What execve says when an entry's interpreter is not in the image: runc `exec /bin/sh: no such file or directory`,
 * before 1.1 `exec user process caused: …`. A program that is missing itself reads `stat X: no such file`, or
 * `executable file not found`, and is not meant. The classic builder colours the line: `ESC[91mexec …`.
 */
const NO_INTERPRETER =
  /(?:\b|\dm)exec (?:user process caused:? "?|(?:container process )?[`"']?\/[^\s:`"']{0,1000}[`"']?: )no such file or directory/i;

/**
 * What to say after a build or a run for `platform` failed with `output`, on an engine of architecture `engine`
 * (null when it is not known). Null when it did not fail for want of an emulator.
 */
export function explainExecFailure(
  output: string,
  platform: Platform,
  engine: string | null,
): StageFailure | null {
  const processor = processorOf(platform);
  if (processor === null || (engine !== null && runsByItself(engine, processor.architecture) === "yes")) {
    return null;
  }
  const target = formatPlatform(platform);
  const { emulator } = processor;
  const hint = `boardhand build emulators looks and registers. By hand: ${adviceFor([processor])}`;
  if (NO_EMULATOR.test(output)) {
    const message = `programs for ${target} do not run here: ${emulator} is not registered with the kernel`;
    return { code: "E_EMULATION", message, hint };
  }
  if (NO_INTERPRETER.test(output)) {
    const message = `programs for ${target} do not run in this image: ${emulator} is registered without the F flag and the image does not hold it, or the image lacks the program's own loader`;
    return { code: "E_EMULATION", message, hint };
  }
  return null;
}
