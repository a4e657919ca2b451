// The planner: what should be and what is, to ordered steps.
export { pinnedName } from "./choice.ts";
export type { PlanInput, PlanPolicy } from "./input.ts";
export { mayEnd, retiredFrom, swapBegun, takingPart } from "./instances.ts";
export { planObsolete } from "./obsolete.ts";
export { dependencyOrder } from "./order.ts";
export { plan } from "./plan.ts";
export { describeStep, renderPlan } from "./render.ts";
export { planRollback } from "./rollback.ts";
export { comparedByField } from "./unknown.ts";
export { isSound } from "./verdict.ts";
