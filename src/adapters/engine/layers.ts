// What layers the engine's images have. One image that the engine cannot read must not hide the others.
import { object, texts } from "../../core/model/engine-json.ts";
import { mapLimit } from "./limit.ts";
import { pathOf } from "./observe.ts";
import type { Transport } from "./transport.ts";

const PARALLEL = 8;
/** Beyond this the rest counts as not here, which makes an estimate larger and harms nothing. */
const IMAGES_MAX = 500;
const UNREADABLE: readonly number[] = [404, 500];

/** `RootFS.Layers` of each image: diff ids from the bottom up, on both stores. */
export async function imageLayers(
  transport: Transport,
  ids: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const found = await mapLimit(ids.slice(0, IMAGES_MAX), PARALLEL, async (id) => {
    const call = { method: "GET", path: `/images/${pathOf(id)}/json`, what: `inspect image ${id}` } as const;
    const answer = await transport.call(call, UNREADABLE);
    return UNREADABLE.includes(answer.status) ? [] : texts(object(object(answer.json).RootFS).Layers);
  });
  return found.filter((layers) => layers.length > 0);
}
