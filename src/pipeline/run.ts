// Runs the planned stages in their order. Nothing is pushed before every image has been built and has passed its smoke
// check; no list is made before every push has succeeded. What could not be begun is said to be skipped, and why.
import { asBoardhandError, type BuilderName } from "../core/model/index.ts";
import { chooseBuilder } from "./build/choose.ts";
import { runCommands } from "./commands.ts";
import type { PipelineDeps } from "./deps.ts";
import { createLogin } from "./login/index.ts";
import type { StageName, StageOutcome } from "./model.ts";
import { ending } from "./outcome.ts";
import { inParallel } from "./parallel.ts";
import type { BuildPlan, PlannedImage } from "./plan.ts";
import { runEmulators } from "./stages/emulators.ts";
import { missingDockerfiles, runImage } from "./stages/image.ts";
import { runManifest } from "./stages/manifest.ts";
import { runPush } from "./stages/push.ts";
import { runSmoke } from "./stages/smoke.ts";
import { runTest } from "./stages/test.ts";

/** One outcome for each stage, or for each image of it, in the order in which they ended. Expected failures are values. */
export async function runPipeline(deps: PipelineDeps, plan: BuildPlan): Promise<readonly StageOutcome[]> {
  const ledger = new Ledger(deps);
  const has = (stage: StageName): boolean => plan.stages.includes(stage);
  const rows = plan.images.map(({ row }) => row);
  if (has("emulators")) await ledger.run("emulators", null, () => runEmulators(deps, rows));
  if (has("test")) await ledger.run("test", null, () => runTest(deps));
  await buildAndSmoke(deps, plan, ledger);
  if (has("push")) await pushAll(deps, plan, ledger);
  if (has("manifest")) {
    if (plan.listSkipped !== null) ledger.skip("manifest", null, plan.listSkipped);
    else await ledger.run("manifest", null, () => runManifest(deps, plan.releaseTags));
  }
  return ledger.outcomes;
}

/** Each image is checked as soon as it is built; one that fails does not stop the others. */
async function buildAndSmoke(deps: PipelineDeps, plan: BuildPlan, ledger: Ledger): Promise<void> {
  const building = plan.stages.includes("image");
  const builder = building ? await prepare(deps, plan, ledger) : null;
  await inParallel(plan.images, deps.config.parallel, async (image) => {
    const { row, localTag } = image;
    if (building && builder === null) ledger.skip("image", row.arch, "there was nothing to build with");
    else if (builder !== null) {
      await ledger.run("image", row.arch, () => runImage(deps, { row, tag: localTag, builder }));
    }
    // What is pushed has always run first, whichever stages were asked for.
    const wanted = plan.stages.includes("smoke") || (plan.stages.includes("push") && willBePushed(image));
    if (wanted) await ledger.run("smoke", row.arch, () => runSmoke(deps, row, localTag));
  });
}

/** What comes before the first build; null when none can begin. */
async function prepare(deps: PipelineDeps, plan: BuildPlan, ledger: Ledger): Promise<BuilderName | null> {
  const chosen: { builder: BuilderName | null } = { builder: null };
  const end = ending(deps.clock, "image", null);
  const outcome = await ledger.run("image", null, async () => {
    chosen.builder = await chooseBuilder(deps);
    const failure =
      (await missingDockerfiles(deps, plan.images)) ??
      (await runCommands(deps, "image", deps.config.prepare, "E_BUILD"));
    return failure === null ? end.done(`building with ${chosen.builder}`, {}) : end.failed(failure);
  });
  return outcome.state === "done" ? chosen.builder : null;
}

function willBePushed({ row, pushTags }: PlannedImage): boolean {
  return row.push && pushTags.length > 0;
}

async function pushAll(deps: PipelineDeps, plan: BuildPlan, ledger: Ledger): Promise<void> {
  if (!plan.gate.open) {
    ledger.skip("push", null, plan.gate.reason);
    return;
  }
  const blocked = ledger.blockedBy(null);
  const login = createLogin(deps);
  try {
    await inParallel(plan.images, deps.config.parallel, async (image) => {
      const { row, pushTags } = image;
      if (blocked !== null) ledger.skip("push", row.arch, blocked);
      else if (!willBePushed(image)) ledger.skip("push", row.arch, "left to somebody else");
      else {
        const checked = checkedImage(ledger, image);
        await ledger.run("push", row.arch, () => runPush({ ...deps, login }, row, checked, pushTags));
      }
    });
  } finally {
    await login.close();
  }
}

/** What ran is what is pushed, even when somebody has moved the tag since: the image ID that the smoke check saw. */
function checkedImage({ outcomes }: Ledger, { row, localTag }: PlannedImage): string {
  const smoke = outcomes.find(({ stage, arch }) => stage === "smoke" && arch === row.arch);
  const id = smoke?.data.imageId;
  return typeof id === "string" ? id : localTag;
}

/** What has ended so far, and what may therefore not begin. */
class Ledger {
  readonly outcomes: StageOutcome[] = [];
  readonly #deps: PipelineDeps;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
  }

  /** Does it and writes down how it ended, unless something that it builds on has failed. */
  async run(stage: StageName, arch: string | null, work: () => Promise<StageOutcome>): Promise<StageOutcome> {
    const blocked = this.blockedBy(arch);
    if (blocked !== null) return this.skip(stage, arch, blocked);
    const { clock, report } = this.#deps;
    const end = ending(clock, stage, arch);
    report({ kind: "started", stage, arch });
    try {
      return this.#note(await work());
    } catch (error) {
      const { code, message, hint } = asBoardhandError(error, "E_ABORTED");
      return this.#note(end.failed({ code, message, hint }));
    }
  }

  skip(stage: StageName, arch: string | null, reason: string): StageOutcome {
    return this.#note(ending(this.#deps.clock, stage, arch).skipped(reason));
  }

  /** The failure that stands in the way of one image, or with null of all of them; null when nothing does. */
  blockedBy(arch: string | null): string | null {
    if (this.#deps.signal.aborted) return "stopped on request";
    const failure = this.outcomes.find(
      (outcome) =>
        outcome.state === "failed" && (arch === null || outcome.arch === null || outcome.arch === arch),
    );
    if (failure === undefined) return null;
    return `${failure.stage}${failure.arch === null ? "" : ` of ${failure.arch}`} failed`;
  }

  #note(outcome: StageOutcome): StageOutcome {
    this.outcomes.push(outcome);
    this.#deps.report({ kind: "ended", outcome });
    return outcome;
  }
}
