// Where Boardhand remembers, on files.
export { openJournal } from "./journal.ts";
export { keepJournal } from "./keeper.ts";
