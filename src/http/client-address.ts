// Who asks, where proxies stand between: X-Forwarded-For counts as far as trusted proxies wrote it, and never further.
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Hops that are followed; more is no chain of proxies but an attempt. */
const MAX_HOPS = 20;

export class ClientAddresses {
  readonly #trusted = new BlockList();

  /** `trusted` are addresses and `ADDRESS/BITS` ranges, checked by the configuration. */
  constructor(trusted: readonly string[]) {
    for (const range of trusted) {
      const [address = "", bits] = range.replace(/%[^/]*/, "").split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (bits === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(bits), family);
    }
  }

  /** The address nearest to the sender that can be believed; empty when the socket is gone. */
  of(request: IncomingMessage): string {
    let address = plain(request.socket.remoteAddress ?? "");
    const header = request.headers["x-forwarded-for"] ?? "";
    const hops = String(header).split(",").slice(-MAX_HOPS);
    while (this.#isTrusted(address)) {
      const before = plain(hops.pop() ?? "");
      if (isIP(before) === 0) return address;
      address = before;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}

/** Without brackets, port, zone, and IPv4 as an IPv6 socket shows it. */
function plain(text: string): string {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed)?.[1];
  const bare = bracketed ?? trimmed.replace(/^([\d.]+):\d+$/, "$1");
  return bare.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
}

/** What one sender can choose freely counts as one: an IPv6 customer has a whole /64. */
export function neighbourhood(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const last = tail.split(":").filter((group) => group !== "");
  const missing = address.includes("::") ? Math.max(0, 8 - groups.length - last.length) : 0;
  const all = [...groups, ...Array<string>(missing).fill("0"), ...last];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
