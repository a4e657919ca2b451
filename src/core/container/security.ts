// Capabilities and security options as docker's own client writes them.
import type { DesiredService } from "../model/index.ts";

/** As docker's own client writes them: upper case, `CAP_` in front except for `ALL`, once each, sorted. */
export function capabilities(values: readonly string[]): readonly string[] {
  const names = values.map((value) => {
    const name = value.trim().toUpperCase();
    return name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`;
  });
  return [...new Set(names)].sort();
}

/** SecurityOpt with the profiles in place of their files, and the empty lists that `systempaths=unconfined` means. */
export function securityOptions(service: DesiredService): Readonly<Record<string, unknown>> {
  const options = service.spec.security_opt ?? [];
  const isOpen = options.includes("systempaths=unconfined");
  const profile = (option: string): string => {
    const text = Object.hasOwn(service.seccomp, option) ? service.seccomp[option] : undefined;
    return text === undefined ? option : `seccomp=${text}`;
  };
  return {
    ...(options.length === 0
      ? {}
      : { SecurityOpt: options.filter((option) => option !== "systempaths=unconfined").map(profile) }),
    ...(isOpen ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}
