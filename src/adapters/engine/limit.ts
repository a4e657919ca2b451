// Doing the same for many at once, but not for all at once.

/** Maps in order with at most `width` running; the first failure is the whole's. */
export async function mapLimit<A, B>(
  items: readonly A[],
  width: number,
  run: (item: A) => Promise<B>,
): Promise<readonly B[]> {
  const results = new Map<number, B>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await run(item));
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
