// One push of several platforms as Docker Hub tells of it: several times, without a digest, and too early.
import { expect, it } from "vitest";
import { appImage, type LabArch } from "../../lab/images.ts";
import { pushImage, pushIndex } from "../../lab/push.ts";
import { eventually } from "../daemon/process.ts";
import { causes, notified, tellAsHub, told } from "./support.ts";

it("six deliveries for one push, the first before it is there, must end in the image that was pushed", async () => {
  const made = await notified({ hub: true });
  const { board } = made;
  const target = board.world.target("web");
  const hear = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) expect(await tellAsHub(made, target.repository, "latest")).toBe(202);
  };
  const child = async (arch: LabArch) => ({
    image: await pushImage(target, null, await appImage({ arch, version: "2", behaviour: "serve" })),
  });
  await hear(2);
  const arm = await child("arm64");
  await hear(1);
  await pushIndex(target, "latest", [arm]);
  await hear(1);
  const held = async () => (await board.get(`/api/v1/projects/${board.world.project}`)).body;
  await eventually(held, (body) => JSON.stringify(body).includes("ArchitectureMissing"));
  expect(await board.answer("web")).toBe("1");
  const { digest } = await pushIndex(target, "latest", [arm, await child("amd64")]);
  await hear(2);
  await board.comesToAnswer("web", "2");
  await board.settles();
  expect(await held()).toMatchObject({ services: [{ image: { digest }, available: null, held: null }] });
  expect(await causes(board)).toEqual(["startup", "webhook"]);
  const { counts, last } = await told(board);
  expect(counts).toMatchObject({ taken: 6, duplicates: 0, unknown: 0 });
  expect(last).toMatchObject({ provider: "dockerhub", image: `docker.io/${target.repository}:latest` });
});

it("a push that is told once, before it is there, must be found without another word", async () => {
  const made = await notified({ hub: true });
  const { board } = made;
  expect(await tellAsHub(made, board.world.target("web").repository, "latest")).toBe(202);
  await eventually(
    async () => (await told(board)).last?.state,
    (state) => state === "looking",
  );
  await board.world.push("web", "2");
  await board.comesToAnswer("web", "2");
});
