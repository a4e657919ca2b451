// A way to the registry that can be taken away and given back, on one port.
import { createServer, request } from "node:http";

export interface RegistrySwitch {
  /** `host:port`, as it stands in an image reference. */
  readonly address: string;
  down: boolean;
  stop(): Promise<void>;
}

export async function startRegistrySwitch(target: string): Promise<RegistrySwitch> {
  const state = { down: false };
  const server = createServer((incoming, outgoing) => {
    if (state.down) {
      incoming.socket.destroy();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(`http://${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    address: `127.0.0.1:${address.port}`,
    get down() {
      return state.down;
    },
    set down(value) {
      state.down = value;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
