// Where Boardhand remembers, on files.
export { type JournalOptions, openJournal } from "./journal.ts";
