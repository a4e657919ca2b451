// The labels that lists are made by (image-spec annotations.md): written into every image, and read back from the registry.

/** The commit; only images of the same one are put into a list together. */
export const REVISION_LABEL = "org.opencontainers.image.revision";

/** The release; a tag that moves from release to release does not go back behind it. */
export const VERSION_LABEL = "org.opencontainers.image.version";
