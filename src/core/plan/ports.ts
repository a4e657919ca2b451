// Who holds a host port that another container needs.
import { isUp } from "./instances.ts";
import { leaving, type Work } from "./work.ts";

/** Whether `other`'s old container still has a host port that `work`'s new one needs. */
export function holdsPortOf(other: Work, work: Work): boolean {
  const old = leaving(other);
  if (old === null || other.retireDone || !isUp(old)) return false;
  return old.hostPorts.some((port) => work.instance.service.hostPorts.some((wanted) => clash(port, wanted)));
}

/** `ip:port/protocol` values; an empty ip stands for every address. */
export function clash(a: string, b: string): boolean {
  const split = (value: string) => {
    const at = value.lastIndexOf(":");
    const ip = value.slice(0, at);
    return { ip: ip === "0.0.0.0" || ip === "::" ? "" : ip, port: value.slice(at + 1) };
  };
  const [x, y] = [split(a), split(b)];
  return x.port === y.port && (x.ip === "" || y.ip === "" || x.ip === y.ip);
}
