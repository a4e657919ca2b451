// Leaves out what the compose file does not say: the engine has a default of its own for a field that is absent.

/** The fields whose value is not undefined, in the same order. */
export function defined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
