// The choice of image, pure: what a reference means, what a manifest holds, which one is this board's, what is the same.
export * from "./choose.ts";
export * from "./identity.ts";
export * from "./layers.ts";
export * from "./manifest.ts";
export * from "./media-types.ts";
export * from "./platform.ts";
export * from "./reference.ts";
export * from "./tags.ts";
