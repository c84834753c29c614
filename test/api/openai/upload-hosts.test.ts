import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/expect.ts";
import { png } from "../../support/fixtures/images.ts";
import { ORIGIN } from "../../support/harness.ts";
import { createFetchingWorld, sentImage } from "../../support/upload.ts";
import { LONG, postForm, videoOf } from "../../support/videos.ts";
import { whileTimePasses } from "../../support/openai.ts";

describe.each(["kie", "imgbb"])("an image that comes with a call, hosted by %s", (host) => {
  const create = () =>
    createFetchingWorld({
      vars: { UPLOAD_HOST: host, IMGBB_API_KEY: "imgbb-key", KIE_API_BASE_URL: "https://api.kie.ai" },
    });

  it("is published when the video is submitted, not before it is recorded", async () => {
    const world = create();
    const image = new File([await png(host)], "a.png");
    await videoOf(await postForm(world, { prompt: "it flies", input_reference: image }));
    expect(world.simulator.files).toHaveLength(0);
    await world.pass(LONG);
    expect([world.simulator.files.length, world.simulator.creates()]).toEqual([1, 1]);
  });

  it("is published when an edit is submitted, not before it is recorded", async () => {
    const world = create();
    const bytes = await png(host);
    const form = new FormData();
    form.set("image", new File([bytes], "a.png"));
    form.set("prompt", "make it night");
    form.set("stream", "true");
    const init = { method: "POST", headers: { Authorization: "Bearer root-key" }, body: form };
    const response = await world.send(new Request(`${ORIGIN}/v1/images/edits`, init));
    expect(world.simulator.files).toHaveLength(0);
    await whileTimePasses(world, response.text());
    expect(world.simulator.files).toHaveLength(1);
    expect((await sentImage(world)).sha256).toBe(await sha256(bytes));
  });
});
