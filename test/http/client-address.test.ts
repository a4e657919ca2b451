// Whose address counts when proxies stand between.
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ClientAddresses, neighbourhood } from "../../src/http/client-address.ts";

function request(peer: string, forwardedFor?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const message = new IncomingMessage(socket);
  if (forwardedFor !== undefined) message.headers["x-forwarded-for"] = forwardedFor;
  return message;
}

describe("without trusted proxies", () => {
  it.each([
    ["192.0.2.7", undefined, "192.0.2.7"],
    ["192.0.2.7", "203.0.113.9", "192.0.2.7"],
    ["127.0.0.1", "203.0.113.9", "127.0.0.1"],
    ["::ffff:192.0.2.7", "203.0.113.9", "192.0.2.7"],
  ])("%s that says it speaks for %s must be %s", (peer, said, expected) => {
    expect(new ClientAddresses([]).of(request(peer, said))).toBe(expected);
  });
});

describe("with 127.0.0.1, 10.0.0.0/8 and fd00::/8 trusted", () => {
  const addresses = new ClientAddresses(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

  it.each([
    ["127.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["fd00::1", "2001:db8::7", "2001:db8::7"],
    ["127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["127.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1", "1.1.1.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
    ["127.0.0.1", "203.0.113.9:4711", "203.0.113.9"],
    ["127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"],
    ["127.0.0.1", "fe80::1%eth0", "fe80::1"],
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "unknown", "127.0.0.1"],
    ["127.0.0.1", "10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", "203.0.113.9, evil", "127.0.0.1"],
    ["192.0.2.7", "203.0.113.9", "192.0.2.7"],
    ["11.0.0.1", "203.0.113.9", "11.0.0.1"],
    ["", "203.0.113.9", ""],
  ])("%s that says it speaks for %s must be %s", (peer, said, expected) => {
    expect(addresses.of(request(peer, said))).toBe(expected);
  });

  it("a header of 100,000 hops must be followed for some of them", () => {
    expect(addresses.of(request("127.0.0.1", "10.0.0.1, ".repeat(100_000)))).toBe("127.0.0.1");
    expect(addresses.of(request("127.0.0.1", Array(100_000).fill("10.0.0.1").join()))).toBe("10.0.0.1");
  });
});

it("a trusted address with a zone must be trusted without it", () => {
  const addresses = new ClientAddresses(["fe80::1%eth0"]);
  expect(addresses.of(request("fe80::1", "203.0.113.9"))).toBe("203.0.113.9");
});

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::7", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["", ""],
])("the neighbourhood of %j must be %j", (address, expected) => {
  expect(neighbourhood(address)).toBe(expected);
});
