// The login that a CI hands over: DOCKER_USERNAME and DOCKER_PASSWORD, for the registry of the image alone. Half of one is
// refused; two empty ones are none, since a CI keeps its secrets from pull requests of forks.
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Credentials } from "../../ports/index.ts";
import type { StageFailure } from "../model.ts";

export const HUB = "docker.io";
/** What docker calls Docker Hub in its config.json. */
const HUB_KEY = "https://index.docker.io/v1/";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * For every program but `docker login`: those that push find the login in their configuration, and tests and builds run what
 * anybody may have sent.
 */
export const WITHOUT_LOGIN = { DOCKER_USERNAME: undefined, DOCKER_PASSWORD: undefined };

export type EnvironmentLogin =
  /** `empty`: the variables are there, with nothing in them. */
  | { readonly kind: "none"; readonly empty: boolean }
  | { readonly kind: "login"; readonly username: string; readonly password: Secret }
  | { readonly kind: "half"; readonly failure: StageFailure };

/** The key of a registry in config.json. */
export function serverKey(host: string): string {
  return host === HUB ? HUB_KEY : host;
}

function half(there: string, missing: string, empty: boolean): EnvironmentLogin {
  const message = `${there} is set, but ${missing} is ${empty ? "empty" : "not set"}`;
  const hint = `Set both in the CI's secrets, or neither. Many CIs leave secrets empty for pull requests of forks, and in branches that are not protected.`;
  return { kind: "half", failure: { code: "E_PUSH", message, hint } };
}

/** What the environment says. White space around a name and a line end after a password come from pasting, and are dropped. */
export function environmentLogin(environment: Environment): EnvironmentLogin {
  const { DOCKER_USERNAME: name, DOCKER_PASSWORD: secret } = environment;
  const username = (name ?? "").trim();
  const password = (secret ?? "").replace(/[\r\n]+$/, "");
  if (username !== "" && password !== "") {
    return { kind: "login", username, password: new Secret(password) };
  }
  if (username !== "") return half("DOCKER_USERNAME", "DOCKER_PASSWORD", secret !== undefined);
  if (password !== "") return half("DOCKER_PASSWORD", "DOCKER_USERNAME", name !== undefined);
  return { kind: "none", empty: name !== undefined || secret !== undefined };
}

/**
 * Credentials for our own calls: those of the environment for `host`, the registry of the image; for all others, and where the
 * environment has none, `others`.
 */
export function withEnvironment(environment: Environment, host: string, others: Credentials): Credentials {
  const login = environmentLogin(environment);
  return {
    async forRegistry(asked) {
      if (asked !== host || login.kind === "none") return await others.forRegistry(asked);
      if (login.kind === "half") {
        const { message, hint } = login.failure;
        throw new BoardhandError("E_REGISTRY_AUTH", message, hint === null ? {} : { hint });
      }
      const { username, password } = login;
      return { username, password, identityToken: null, serverAddress: serverKey(host) };
    },
  };
}
