// The obligations of test/boards/obligations.ts on this kind of board.
import { boardTests } from "./obligations.ts";

boardTests("pi");
