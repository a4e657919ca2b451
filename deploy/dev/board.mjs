// `make board BOARD=pine64|pi|pi-mixed`: a virtual ARM board at the desk, until Ctrl-C.
import { startBoard } from "../../test/lab/boards/board.mjs";
import { boardNeeds, boards, kindsOf } from "../../test/lab/boards/kinds.mjs";
import { ensureInstalled } from "./lib/debian.mjs";
import { giveUp } from "./lib/paths.mjs";

const kind = wanted(process.env.BOARD || "pine64");
ensureInstalled(boardNeeds, "a virtual board");
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());
try {
  console.log(`  board     ${kind} is being started; that takes a minute, and longer the first time`);
  const board = await startBoard(kind, {
    ports: [8080, 8081],
    say: (line) => console.log(`  disk      ${line}`),
  });
  console.log(`${[...reached(board)].join("\n")}\n  end       Ctrl-C switches it off and removes its disk`);
  await untilStopped(board);
  await board.stop();
} catch (error) {
  giveUp(error instanceof Error ? error.message : String(error), 1);
}

/** @param {string} words */
function wanted(words) {
  try {
    const [only, ...more] = kindsOf(words);
    if (only !== undefined && more.length === 0) return only;
  } catch (error) {
    giveUp(error instanceof Error ? error.message : String(error), 2);
  }
  return giveUp(`BOARD=${words}: one of ${Object.keys(boards).join(", ")}`, 2);
}

/** @param {import("../../test/lab/boards/board.mjs").VirtualBoard} board */
function* reached(board) {
  const { platform } = boards[kind];
  const words = [platform.os, platform.architecture, platform.variant].filter((word) => word !== null);
  yield `  up        after ${(board.bootMs / 1000).toFixed(0)} s, ${words.join("/")}, 1 GB of memory`;
  yield `  engine    docker -H ${board.engine} info`;
  yield `  shell     curl --data-binary 'uname -a' ${board.shell}`;
  yield `  page      http://${board.at(8080)} and http://${board.at(8081)} are its ports 8080 and 8081`;
  yield "  registry  what listens on 127.0.0.1:5000 here, as that of make run does, is 10.0.2.2:5000 there";
}

/**
 * Until a signal, or until the board switches itself off.
 * @param {import("../../test/lab/boards/board.mjs").VirtualBoard} board
 */
async function untilStopped(board) {
  while (!stopping.signal.aborted && board.pid !== null) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
