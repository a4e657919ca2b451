// `make bench-requests`: runs the scenario that counts what a look asks of a real registry, and writes what it counted into
// its part of docs/reference/performance.md.
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { engine } from "../../deploy/dev/lib/packages.mjs";
import { ms } from "./page.mjs";
import { measureScenario } from "./scenario.mjs";

/** @typedef {{ head: number, get: number, tokens: number }} Counted */
/** @typedef {{ services: number, images: number, first: Counted, again: Counted, againMs: number }} Row */

const scenario = "test/scenarios/registry/counts.test.ts";

ensureInstalled([...engine, "docker-registry", "nginx", "openssl"], "the count of requests");
measureScenario({ scenario, variable: "REQUEST_COUNTS", section: "requests", text: sectionText });

/** @param {readonly Row[]} rows */
function sectionText(rows) {
  return `## Registry requests of a round that finds nothing new

Made by \`make bench-requests\`: counted at a proxy before a real registry with token authentication, every image in a
repository of its own or all services on one. Docker Hub does not count HEAD; a GET of a manifest is one of its pulls.

| services | images | the first look: HEAD | GET | tokens | nothing new: HEAD | GET | tokens | took |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map(rowText).join("\n")}

The first look asks each repository twice, as the first answer says where tokens are to be had, and reads manifest and
config once (a list is one GET more). A token is asked for again when it has ended: with Docker Hub's five minutes and
the default schedule that is one token an image and look. Services that share an image share the request.
`;
}

/** @param {Row} row */
function rowText({ services, images, first, again, againMs }) {
  const cells = [services, images, first.head, first.get, first.tokens, again.head, again.get, again.tokens];
  return `| ${[...cells, ms(againMs)].join(" | ")} |`;
}
