// The way to the engine of an agent that is to be killed: counts the calls that change something, and can have the agent
// killed just before such a call reaches the engine, or just after the engine has done it and before the agent hears of it.
import { type Call, changes, type Fate, PASS, startFaultProxy, wordsOf } from "../../lab/fault-proxy.ts";

export interface Cut {
  /** The n-th changing call, from 1. */
  readonly n: number;
  readonly when: "before" | "after";
  /** Ends the agent; nothing of the call or its answer passes once this was called. */
  readonly kill: () => void;
}

export interface EngineProxy {
  /** `unix://…` */
  readonly host: string;
  /** `POST /containers/ID/stop`, in order. */
  readonly calls: readonly string[];
  /** Counts from here on and cuts once; null: cuts no more. */
  arm(cut: Cut | null): void;
  /** Called with each changing call before it is passed on. */
  onCall(listener: (call: string) => void): void;
  /** The first such call from now on is done and never answered. */
  swallowAnswer(words: RegExp): void;
  stop(): Promise<void>;
}

export async function startEngineProxy(socketPath: string, engineHost: string): Promise<EngineProxy> {
  const proxy = await startFaultProxy(engineHost, socketPath);
  const calls: string[] = [];
  let armed: Cut | null = null;
  let swallowed: RegExp | null = null;
  let listener: (call: string) => void = () => undefined;

  proxy.decide = (call: Call): Fate => {
    if (!changes(call)) return PASS;
    calls.push(wordsOf(call));
    listener(wordsOf(call));
    if (swallowed?.test(wordsOf(call)) === true) {
      swallowed = null;
      return { kind: "after", reply: "silence" };
    }
    if (armed?.n !== calls.length) return PASS;
    const { when, kill } = armed;
    if (when === "after") return { kind: "after", reply: "cut", done: kill };
    kill();
    return { kind: "instead", reply: "cut" };
  };
  return {
    host: proxy.address,
    calls,
    arm(cut) {
      armed = cut;
      if (cut !== null) calls.length = 0;
    },
    onCall(told) {
      listener = told;
    },
    swallowAnswer(words) {
      swallowed = words;
    },
    stop: proxy.stop,
  };
}
