// Whether a refused start says something about the board that no other version of the image would change. Told from the
// engine's words, of 20.10 to 28.5: it answers 500 to these and to a broken entrypoint alike.

const OF_BOARD: readonly RegExp[] = [
  /driver failed programming external connectivity|failed to set up container networking/i,
  /port is already allocated|address already in use/i,
  /error gathering device information/i,
  /no space left on device/i,
  /\bcgroup config|\bcgroups: /i,
];

/** `message` is the engine's own. A port, a device, the disk, a cgroup: what the board lacks, whoever asks for it. */
export function isOfBoard(message: string): boolean {
  return OF_BOARD.some((words) => words.test(message));
}
