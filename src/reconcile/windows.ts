// How long monitor windows have been open, by the monotonic clock: a board's clock that is set in the middle of one must
// neither cut it short nor stretch it. In memory only: a window that a restart finds open begins anew.

const LIMIT = 1000;

interface Open {
  /** Which window: another one of the same project begins anew. */
  readonly key: string;
  /** Monotonic, ms. */
  readonly since: number;
}

export class Windows {
  readonly #byProject = new Map<string, Open>();

  /** ms since the window was first asked about; `now` is monotonic. */
  openMs(project: string, key: string, now: number): number {
    const known = this.#byProject.get(project);
    if (known?.key === key) return now - known.since;
    const oldest = this.#byProject.keys().next();
    if (known === undefined && this.#byProject.size >= LIMIT && oldest.done !== true)
      this.#byProject.delete(oldest.value);
    this.#byProject.set(project, { key, since: now });
    return 0;
  }

  close(project: string): void {
    this.#byProject.delete(project);
  }
}
