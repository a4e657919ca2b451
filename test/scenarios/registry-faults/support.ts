// One board behind a registry that can be made to fail, with version 1 running.
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { type FaultyRegistry, startFaultyRegistry } from "../../lab/faulty-registry.ts";
import { scenario } from "../failures/support.ts";
import type { World, WorldOptions } from "../world.ts";

export const TIMEOUT_MS = 2500;

export interface Deployed {
  readonly board: World;
  readonly proxy: FaultyRegistry;
  readonly old: ObservedContainer;
}

/** `PROXY` in the compose text stands for the faulty registry and the board's own namespace. */
export const WEB = "services: {web: {image: PROXY/web, restart: unless-stopped}}";

/** A scenario that begins with version 1 running and version 2 pushed but not looked at. */
export function faultScenario(
  title: string,
  body: (deployed: Deployed) => Promise<void>,
  options: { readonly compose?: string; readonly config?: WorldOptions["config"] } = {},
): void {
  const registries = {
    insecure: [],
    mirrors: {},
    aliases: {},
    ca: {},
    dockerConfig: null,
    timeoutMs: TIMEOUT_MS,
    parallelism: 4,
  };
  scenario(title, { compose: "services: {}", config: { registries, ...options.config } }, async (board) => {
    const proxy = await startFaultyRegistry(board.registry);
    try {
      const compose = options.compose ?? WEB;
      await board.writeCompose(compose.replaceAll("PROXY/", `${proxy.address}/${board.project}/`));
      await board.push("web", "1");
      await board.look();
      const old = await board.container("web");
      await board.push("web", "2");
      proxy.asked.length = 0;
      await body({ board, proxy, old });
    } finally {
      proxy.fault = null;
      await board.restart();
      await proxy.close();
    }
  });
}
