// What a request means on this board: the reference taken apart and the platforms to choose by, or why it cannot run here.
import { parsePlatform, parseReference, platformVector, rankPlatform } from "../../core/image/index.ts";
import { BoardhandError, type BoardPlatform, formatPlatform, type Platform } from "../../core/model/index.ts";
import type { Target } from "./look.ts";
import { held, type Resolution, type ResolveRequest, requestKey } from "./resolution.ts";

const EMULATORS: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "i386" };

/** The match vector for a request, or the hold of a platform that this board cannot run. */
function vectorFor(request: ResolveRequest, board: BoardPlatform): readonly Platform[] | Resolution {
  const { platform } = request;
  if (platform === null) return board.accepts;
  const runs = (other: Platform) => rankPlatform(platform, platformVector(other)) !== -1;
  if (rankPlatform(platform, board.accepts) !== -1) return platformVector(platform);
  if (board.emulates.some(runs)) return platformVector(platform);
  const emulator = `qemu-${EMULATORS[platform.architecture] ?? platform.architecture}`;
  return held(
    "ArchitectureMismatch",
    `${formatPlatform(platform)} does not run here: the board is ${formatPlatform(board.platform)} and its kernel has ` +
      `no emulator for it (${emulator} is not registered with binfmt_misc)`,
  );
}

/** A hold for a reference that is none and for a platform that nothing here runs. */
export function targetFor(request: ResolveRequest, board: BoardPlatform): Target | Resolution {
  try {
    // The engine and compose files spell platforms differently; matching needs one spelling.
    const platform = request.platform === null ? null : parsePlatform(formatPlatform(request.platform));
    const vector = vectorFor({ ...request, platform }, board);
    if ("kind" in vector) return vector;
    const reference = parseReference(request.reference);
    return { key: requestKey(request.reference, request.platform), reference, vector };
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    return held("ComposeInvalid", error.message);
  }
}
