// Tells one fault of engine 20.10 from every other: now and then it counts endpoints of containers that are gone, and keeps
// their network until it is started anew.

export interface Board {
  readonly project: string;
  docker(...words: string[]): Promise<{ readonly stdout: string }>;
}

/** Whether only that kept a network: no container of the project is left, and none is on any of its networks. */
export async function isMiscount(board: Board, error: unknown): Promise<boolean> {
  if (!String(error).includes("has active endpoints")) return false;
  const filter = ["--filter", `label=com.docker.compose.project=${board.project}`];
  const containers = await board.docker("ps", "-aq", ...filter);
  const networks = await board.docker("network", "ls", "-q", ...filter);
  const ids = networks.stdout.split("\n").filter(Boolean);
  if (containers.stdout.trim() !== "" || ids.length === 0) return false;
  const { stdout } = await board.docker("network", "inspect", "-f", "{{len .Containers}}", ...ids);
  return stdout.split("\n").every((count) => count === "" || count === "0");
}

/** As a person removes it, but for one that the engine keeps for that reason alone. */
export async function removeNetwork(board: Board, name: string): Promise<void> {
  await board.docker("network", "rm", name).catch(async (error: unknown) => {
    if (!(await isMiscount(board, error))) throw error;
  });
}
