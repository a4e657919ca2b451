// Manifest lists: made of what is read back from the registry, put there, and compared with what it then has.
export { foreignEntries, type ListEntry, listDocument } from "./document.ts";
export { laterRelease } from "./later.ts";
export { type Part, readPart, samePlatforms } from "./parts.ts";
export { type Placed, type Prepared, placeLists } from "./place.ts";
