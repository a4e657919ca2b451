// What the kernel's registrations mean for one processor. The magic decides; a name is only a name, and may be taken.
import type { BinfmtEntry, BinfmtState } from "../../ports/index.ts";
import type { Processor } from "./processors.ts";

/** `7f 45 4c 46`, in the hexadecimal digits that the kernel shows. */
const ELF = "7f454c46";

export type Readiness =
  /** It runs here without an emulator. */
  | { readonly kind: "native" }
  /** In every container. `interpreter` is null where only the engine could be asked. */
  | { readonly kind: "ready"; readonly interpreter: string | null }
  /** Without the F flag: only in images that hold the interpreter at that path, null when it cannot be known. */
  | { readonly kind: "conditional"; readonly interpreter: string | null }
  /** `taken`: an entry is in the way that has the emulator's name, but is switched off or for something else. */
  | { readonly kind: "missing"; readonly taken: BinfmtEntry | null };

/**
 * Of several enabled entries the kernel takes the one that was registered last, which its files do not tell;
 * so all of them must have the F flag to be `ready`.
 */
export function kernelHas(state: BinfmtState, processor: Processor): Readiness {
  const entries = state.entries.filter((entry) => entry.enabled && recognises(entry, processor));
  const unfixed = entries.find(({ flags }) => !flags.includes("F"));
  if (unfixed !== undefined) return { kind: "conditional", interpreter: unfixed.interpreter };
  const [first] = entries;
  if (first !== undefined) return { kind: "ready", interpreter: first.interpreter };
  return { kind: "missing", taken: state.entries.find(({ name }) => name === processor.emulator) ?? null };
}

/** Whether its magic is that of ELF programs for the processor; one that stops before e_machine is for something else. */
function recognises({ magic }: BinfmtEntry, processor: Processor): boolean {
  if (magic === null || !magic.startsWith(ELF)) return false;
  const byte = (index: number): number | null => {
    const digits = magic.slice(2 * index, 2 * index + 2);
    return digits === "" ? null : Number.parseInt(digits, 16);
  };
  if (byte(4) !== processor.bits / 32 || byte(5) !== (processor.littleEndian ? 1 : 2)) return false;
  if (!processor.littleEndian) return byte(18) === 0 && byte(19) === processor.machine;
  // linuxkit/binfmt registers 19 bytes for arm64: half of e_machine.
  return byte(18) === processor.machine && (byte(19) ?? 0) === 0;
}
