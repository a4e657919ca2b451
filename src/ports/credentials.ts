// Registry credentials by host, from docker's config.json.
import type { RegistryCredentials } from "./engine.ts";

export interface Credentials {
  /** Null means anonymous. Throws BoardhandError E_REGISTRY_AUTH when a configured credential cannot be read. */
  forRegistry(host: string): Promise<RegistryCredentials | null>;
}
