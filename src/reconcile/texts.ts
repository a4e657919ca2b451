// The texts of secrets and configs, in memory only: what is written to the state directory knows them by name.
import type { FileText, Secret, ServiceFile } from "../core/model/index.ts";

export class Texts {
  readonly #byProject = new Map<string, readonly FileText[]>();

  /** As the project's files have them now; a project that cannot be read keeps what was read last. */
  remember(project: string, texts: readonly FileText[]): void {
    this.#byProject.set(project, texts);
  }

  of(project: string, kind: ServiceFile["kind"], source: string): Secret | null {
    const texts = this.#byProject.get(project) ?? [];
    return texts.find((text) => text.kind === kind && text.source === source)?.content ?? null;
  }
}
