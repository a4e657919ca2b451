// Tags, pure: of releases, of architectures, and what is wrong with them.
export { archTag, archTags, tagProblems } from "./arch.ts";
export { isFloating, isLaterRelease, releaseTags, releaseVersion } from "./release.ts";
