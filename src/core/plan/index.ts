// The planner: what should be and what is, to ordered steps.
export { endedWhileAway } from "./by-hand.ts";
export { pinnedName } from "./choice.ts";
export type { PlanInput, PlanPolicy, Span } from "./input.ts";
export { isUp, mayEnd, retiredFrom, retiredName, swapBegun, takingPart } from "./instances.ts";
export { broughtBy, broughtWith, planObsolete } from "./obsolete.ts";
export { dependencyOrder } from "./order.ts";
export { type OwnService, ownNote, withoutOwnContainers, withoutOwnService } from "./own.ts";
export { heldPlan, plan } from "./plan.ts";
export { describeStep, renderPlan } from "./render.ts";
export { planRollback } from "./rollback.ts";
export { spaceFor } from "./space.ts";
export { startsFirst } from "./swap.ts";
export { comparedByField } from "./unknown.ts";
export { isSound } from "./verdict.ts";
export { wentDown } from "./went-down.ts";
