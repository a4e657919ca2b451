// What a container is called, and what an API version allows.
import type { DesiredProject, DesiredService } from "../model/index.ts";

/** `container_name`, else `<project>-<service>-<number>`; numbers start at 1. */
export function containerName(project: DesiredProject, service: DesiredService, number: number): string {
  return service.containerName ?? `${project.name}-${service.name}-${number}`;
}

/** Whether an API version (`1.41`) is at least `minor` of major version 1. */
export function apiAtLeast(apiVersion: string, minor: number): boolean {
  const [major, second] = apiVersion.split(".").map(Number);
  return (major ?? 0) > 1 || ((major ?? 0) === 1 && (second ?? 0) >= minor);
}
