// The words for a processor: what an image was built for and what a board can run.

/** An OCI platform (image-spec `platform` object). `variant` is null where the architecture has only one. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
}

/** `linux/arm/v7`, `linux/amd64`: the form that docker takes in `--platform`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === null ? base : `${base}/${platform.variant}`;
}
