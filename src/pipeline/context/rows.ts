// Which images of the matrix this job is for: by --arch, or by the DOCKERFILE and DOCKER_TAG of a CI's own matrix.
import { resolve } from "node:path";
import { BoardhandError, type MatrixRow } from "../../core/model/index.ts";
import { isDockerHub } from "./providers.ts";
import type { Environment } from "./refs.ts";

export interface RowChoice {
  /** Of `--arch`; they win over the environment. */
  readonly archs: readonly string[];
  readonly environment: Environment;
  /** Absolute: the repository's root, which DOCKERFILE is relative to. */
  readonly directory: string;
}

/**
 * The rows to work on, in the matrix's order; all of them when nothing is chosen. `DOCKERFILE` chooses the rows of that
 * file, `DOCKER_TAG` the row of that word, both together the rows that are both. In Docker Hub's automated builds
 * DOCKERFILE_PATH chooses, and its own DOCKER_TAG (`armhf`, `1.2.3-armhf`) only between rows that share a Dockerfile.
 * The manifest stage needs every row, whatever is chosen here. Throws BoardhandError E_USAGE when a choice matches nothing.
 */
export function rowsFor(matrix: readonly MatrixRow[], choice: RowChoice): readonly MatrixRow[] {
  if (choice.archs.length > 0) return byArch(matrix, choice.archs);
  return isDockerHub(choice.environment) ? byHubRule(matrix, choice) : byJob(matrix, choice);
}

function byArch(matrix: readonly MatrixRow[], archs: readonly string[]): readonly MatrixRow[] {
  const unknown = archs.find((arch) => !matrix.some((row) => row.arch === arch));
  if (unknown !== undefined) throw nothingFor(matrix, `--arch ${shown(unknown)}`);
  return matrix.filter((row) => archs.includes(row.arch));
}

function byJob(matrix: readonly MatrixRow[], { environment, directory }: RowChoice): readonly MatrixRow[] {
  const dockerfile = environment.DOCKERFILE ?? "";
  const tag = environment.DOCKER_TAG ?? "";
  const ofFile = dockerfile === "" ? matrix : matrix.filter(ofDockerfile(directory, dockerfile));
  if (ofFile.length === 0) throw nothingFor(matrix, `DOCKERFILE=${shown(dockerfile)}`);
  const rows = tag === "" ? ofFile : ofFile.filter((row) => isWord(row, tag));
  if (rows.length > 0) return rows;
  const both = dockerfile === "" ? "" : `DOCKERFILE=${shown(dockerfile)} with `;
  throw nothingFor(matrix, `${both}DOCKER_TAG=${shown(tag)}`);
}

function byHubRule(
  matrix: readonly MatrixRow[],
  { environment, directory }: RowChoice,
): readonly MatrixRow[] {
  const given = environment.DOCKERFILE_PATH;
  if (given === undefined) return matrix;
  // Docker Hub writes the default as nothing, and the root of the repository as a slash.
  const dockerfile = given.replace(/^\/+/, "") || "Dockerfile";
  const ofFile = matrix.filter(ofDockerfile(directory, dockerfile));
  if (ofFile.length === 0) throw nothingFor(matrix, `DOCKERFILE_PATH=${shown(given)}`);
  if (ofFile.length === 1) return ofFile;
  const tag = environment.DOCKER_TAG ?? "";
  const named = ofFile.filter((row) => isWord(row, tag) || tag.endsWith(`-${row.word}`));
  // Of words that end in one another (`armv7`, `linux-armv7`) the longest says most.
  const longest = Math.max(...named.map((row) => row.word.length));
  const rows = named.filter((row) => row.word.length === longest);
  if (rows.length > 0) return rows;
  throw nothingFor(matrix, `DOCKERFILE_PATH=${shown(given)} with DOCKER_TAG=${shown(tag)}`);
}

function ofDockerfile(directory: string, path: string): (row: MatrixRow) => boolean {
  const absolute = resolve(directory, path);
  return (row) => resolve(row.dockerfile) === absolute;
}

function isWord(row: MatrixRow, tag: string): boolean {
  return row.word === tag || row.arch === tag;
}

/** It comes from outside: short, on one line, without control characters. */
function shown(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value).slice(1, -1);
}

function nothingFor(matrix: readonly MatrixRow[], choice: string): BoardhandError {
  const rows = matrix.map(({ arch, word, dockerfile }) =>
    word === arch ? `${arch} (${dockerfile})` : `${arch} (${dockerfile}, tag ${word})`,
  );
  return new BoardhandError("E_USAGE", `no image of the matrix is chosen by ${choice}`, {
    hint: `The matrix has ${rows.join(", ")}.`,
  });
}
