// Capabilities and security options; refuses a seccomp profile from a file, which would have to be read here.
import { BoardhandError, type DesiredService } from "../model/index.ts";

/** As docker's own client writes them: upper case, `CAP_` in front except for `ALL`, once each, sorted. */
export function capabilities(values: readonly string[]): readonly string[] {
  const names = values.map((value) => {
    const name = value.trim().toUpperCase();
    return name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`;
  });
  return [...new Set(names)].sort();
}

/** SecurityOpt, and the empty path lists that `systempaths=unconfined` stands for. */
export function securityOptions(service: DesiredService): Readonly<Record<string, unknown>> {
  const options = service.spec.security_opt ?? [];
  for (const option of options) {
    const profile = /^seccomp[=:](.*)$/.exec(option)?.[1];
    if (profile !== undefined && profile !== "unconfined" && profile !== "builtin") {
      throw new BoardhandError(
        "E_COMPOSE",
        `service ${service.name}: security_opt ${option} names a file, which is not supported`,
        { hint: "use seccomp=unconfined or remove the option", data: { service: service.name } },
      );
    }
  }
  const isOpen = options.includes("systempaths=unconfined");
  return {
    ...(options.length === 0
      ? {}
      : { SecurityOpt: options.filter((option) => option !== "systempaths=unconfined") }),
    ...(isOpen ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}
