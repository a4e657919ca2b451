// A certificate authority of the test's own, made by openssl at run time, and certificates signed by it.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** The path of its own certificate, for those who are to trust it. */
  readonly ca: string;
  /**
   * A certificate for addresses and names, as paths. `from` and `to` are openssl's dates, `20990101000000Z`; without
   * them it is valid now.
   */
  issue(
    names: readonly string[],
    validity?: { readonly from: string; readonly to: string },
  ): Promise<CertificateFiles>;
  remove(): Promise<void>;
}

const SECTIONS = [
  "[ca]",
  "default_ca = own",
  "[own]",
  "database = index.txt",
  "serial = serial",
  "new_certs_dir = .",
  "default_md = sha256",
  "policy = any",
  "unique_subject = no",
  "copy_extensions = copy",
  "[any]",
  "commonName = supplied",
];

export async function makeAuthority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-ca-"));
  const openssl = (args: readonly string[]) => run("openssl", args, { cwd: directory });
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  await openssl([
    "req",
    "-x509",
    ...newKey,
    "-days",
    "30",
    "-subj",
    "/CN=Own CA",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  ]);
  await writeFile(join(directory, "ca.conf"), `${SECTIONS.join("\n")}\n`);
  await writeFile(join(directory, "index.txt"), "");
  await writeFile(join(directory, "serial"), "1000\n");
  let made = 0;
  return {
    ca: join(directory, "ca.crt"),
    async issue(names, validity) {
      const name = `leaf${++made}`;
      const list = names.map((one) => `${/^[0-9.]+$|:/.test(one) ? "IP" : "DNS"}:${one}`).join(",");
      const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${list}`];
      await openssl(["req", "-new", ...newKey, ...subject, "-keyout", `${name}.key`, "-out", `${name}.csr`]);
      const dates =
        validity === undefined ? ["-days", "10"] : ["-startdate", validity.from, "-enddate", validity.to];
      const signed = ["-cert", "ca.crt", "-keyfile", "ca.key", "-in", `${name}.csr`, "-out", `${name}.crt`];
      await openssl(["ca", "-batch", "-notext", "-config", "ca.conf", ...dates, ...signed]);
      return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
