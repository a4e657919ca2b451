// Ports in short and long syntax as one entry a container port (compose.md 1.9).
import type { PortSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, asMap, readInteger, readString, readStringOrNumber } from "../read.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";

interface Range {
  readonly start: number;
  readonly end: number;
}

const KEYS = keysOf("services.*.ports[]");
/** One service may publish no more than all ports there are. */
const MAX_PORTS = 65_536;

/** Entries in file order, ranges expanded; an entry given twice counts once, where it stood first. */
export function readPorts(tree: Tree): readonly PortSpec[] {
  const ports = new Map<string, PortSpec>();
  let expanded = 0;
  for (const item of asList(tree).items) {
    const specs = item.kind === "map" ? [longPort(item)] : shortPorts(readStringOrNumber(item), item.from);
    expanded += specs.length;
    if (expanded > MAX_PORTS) throw composeError(tree.from, `publishes more than ${MAX_PORTS} ports`);
    for (const port of specs) ports.set(portKey(port), port);
  }
  return [...ports.values()];
}

function portKey(port: PortSpec): string {
  return `${port.host_ip ?? "0.0.0.0"}:${port.published ?? ""}:${port.target}/${port.protocol}`;
}

function longPort(tree: Tree): PortSpec {
  const map = asMap(tree);
  checkKeys(map, KEYS);
  const target = childOf(map, "target");
  if (target === null) throw composeError(map.from, "a port needs a target");
  const number = readInteger(target);
  if (number < 1 || number > 65_535) throw composeError(target.from, "is not a port between 1 and 65535");
  const text = (key: string): string | null => textOf(map, key);
  const published = childOf(map, "published");
  const hostIp = text("host_ip");
  if (hostIp !== null && hostIp !== "") checkIp(hostIp, map.from);
  const name = text("name");
  const appProtocol = text("app_protocol");
  return {
    ...(name === null ? {} : { name }),
    mode: text("mode") ?? "ingress",
    ...(hostIp === null || hostIp === "" ? {} : { host_ip: hostIp }),
    target: number,
    ...publishedOf(published),
    protocol: checkedProtocol(text("protocol") ?? "tcp", map.from),
    ...(appProtocol === null ? {} : { app_protocol: appProtocol }),
  };
}

function textOf(map: MapTree, key: string): string | null {
  const child = childOf(map, key);
  return child === null ? null : readString(child);
}

function publishedOf(tree: Tree | null): { published?: string } {
  if (tree === null) return {};
  const published = readStringOrNumber(tree);
  if (published === "") return {};
  parseRange(published, tree.from);
  return { published };
}

/** `[[ip:]host:]container[/protocol]`, `host` and `container` possibly ranges, `ip` possibly `[v6]`. */
function shortPorts(spec: string, from: Origin): readonly PortSpec[] {
  const parts = spec.split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  const ip = parts.join(":").replace(/^\[(.*)\]$/, "$1");
  if (ip !== "") checkIp(ip, from);
  const slash = container.indexOf("/");
  const protocol = protocolOf(slash === -1 ? "tcp" : container.slice(slash + 1), from);
  const target = parseRange(slash === -1 ? container : container.slice(0, slash), from);
  const published = host === "" ? null : parseRange(host, from);
  const width = target.end - target.start;
  if (published !== null && published.end - published.start !== width && width !== 0) {
    throw composeError(from, `the port ranges of ${quote(spec)} differ in length`);
  }
  const specs: PortSpec[] = [];
  for (let offset = 0; offset <= width; offset += 1) {
    specs.push({
      mode: "ingress",
      ...(ip === "" ? {} : { host_ip: ip }),
      target: target.start + offset,
      ...(published === null ? {} : { published: publishedText(published, offset, width) }),
      protocol,
    });
  }
  return specs.sort((a, b) => (`${a.target}/${a.protocol}` < `${b.target}/${b.protocol}` ? -1 : 1));
}

function publishedText(published: Range, offset: number, width: number): string {
  const first = published.start + offset;
  return width === 0 && published.end > published.start ? `${first}-${published.end}` : String(first);
}

function parseRange(text: string, from: Origin): Range {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const start = Number(parts?.[1] ?? Number.NaN);
  const end = parts?.[2] === undefined ? start : Number(parts[2]);
  if (parts === null || start > 65_535 || end > 65_535 || end < start) {
    throw composeError(from, `${quote(text)} is not a port or a range of ports`);
  }
  return { start, end };
}

/** The long syntax keeps the letters' case, which counts in compose's hash. */
function checkedProtocol(text: string, from: Origin): string {
  protocolOf(text, from);
  return text;
}

function protocolOf(text: string, from: Origin): string {
  const protocol = text.toLowerCase();
  if (protocol === "tcp" || protocol === "udp" || protocol === "sctp") return protocol;
  throw composeError(from, `${quote(text)} is not a protocol`, "use tcp, udp or sctp");
}

function checkIp(ip: string, from: Origin): void {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip);
  const isV4 = v4?.slice(1).every((part) => Number(part) <= 255) ?? false;
  const isV6 = ip.includes(":") && /^[0-9a-fA-F:.]{2,45}$/.test(ip);
  if (!isV4 && !isV6) throw composeError(from, `${quote(ip)} is not an IP address`);
}
