// Which processor the board is, by what its engine says (facts: bitness from /version, variant from /info).
export * from "./detect.ts";
export * from "./emulates.ts";
