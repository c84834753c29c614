import { describe, expect, it } from "vitest";
import { anyMarketModel } from "../../src/models/any-market-model.ts";
import { fluxKontextPro } from "../../src/models/flux-kontext.ts";
import { flux2ProImageToImage } from "../../src/models/flux-2.ts";
import { gpt4oImage } from "../../src/models/gpt-4o-image.ts";
import { MODELS } from "../../src/models/index.ts";
import { listPrice } from "../../src/models/price.ts";
import type { CommonRequest } from "../../src/models/common-fields.ts";
import { isRetired } from "../../src/models/model.ts";
import type { Model } from "../../src/models/model.ts";
import { nanoBanana2, nanoBananaEdit, nanoBananaPro } from "../../src/models/nano-banana.ts";
import { qwenImageEdit } from "../../src/models/qwen.ts";
import { sora2ImageToVideo, sora2ProStoryboard, sora2TextToVideo } from "../../src/models/sora-2.ts";
import { veo3 } from "../../src/models/veo.ts";
import { zImage } from "../../src/models/z-image.ts";
import { OPERATOR, prepare, wireCallOf } from "./wire-call.ts";

const IMAGE = "https://example.com/a.png";

function inputOf(model: Model, request: CommonRequest, operator = OPERATOR) {
  const prepared = prepare(model, request, operator);
  return prepared.ok ? prepared.input : prepared.issues;
}

const creditsOf = (model: Model, request: CommonRequest) => {
  const prepared = prepare(model, request);
  return prepared.ok ? listPrice(model, prepared.input) : prepared.issues;
};

describe("the operator's defaults", () => {
  it.each([
    [
      "a ratio of names",
      sora2TextToVideo,
      { aspectRatio: "9:16" },
      { prompt: "a", aspect_ratio: "portrait" },
    ],
    ["a ratio that the model lacks", sora2TextToVideo, { aspectRatio: "4:3" }, { prompt: "a" }],
    [
      "a ratio that a requiring model lacks",
      zImage,
      { aspectRatio: "21:9" },
      { prompt: "a", aspect_ratio: "1:1" },
    ],
    [
      "a format that the model lacks",
      fluxKontextPro,
      { outputFormat: "webp" },
      { prompt: "a", aspectRatio: "1:1", safetyTolerance: 2 },
    ],
  ])("apply where the model accepts them: %s", (_, model, operator, input) => {
    expect(inputOf(model, { prompt: "a" }, { ...OPERATOR, ...operator })).toStrictEqual(input);
  });

  it.each([
    ["keeps", nanoBananaEdit, { image_urls: [IMAGE], output_format: "jpeg" }],
    ["keeps", fluxKontextPro, { inputImage: IMAGE, outputFormat: "jpeg", safetyTolerance: 2 }],
    ["chooses", nanoBanana2, { image_input: [IMAGE], output_format: "jpg" }],
    ["chooses", flux2ProImageToImage, { input_urls: [IMAGE], aspect_ratio: "auto", resolution: "1K" }],
  ])("set no ratio where the provider %s that of an image", (_, model, input) => {
    expect(inputOf(model, { prompt: "a fox", images: [IMAGE] })).toStrictEqual({
      prompt: "a fox",
      ...input,
    });
  });
});

describe("a common field", () => {
  it("is refused when the input has it too", () => {
    const request = { prompt: "a", aspectRatio: "16:9", input: { aspect_ratio: "landscape" } };

    expect(inputOf(sora2TextToVideo, request)).toMatchObject([{ path: "aspectRatio", code: "given_twice" }]);
  });

  it("with an unsupported value is refused with the supported values", () => {
    expect(inputOf(sora2TextToVideo, { prompt: "a", aspectRatio: "1:1" })).toStrictEqual([
      { path: "aspectRatio", message: "must be one of 16:9, 9:16", code: "invalid_value" },
    ]);
  });

  it.each(["gif", "constructor", "__proto__"])("refuses the value %s", (outputFormat) => {
    expect(inputOf(nanoBananaPro, { prompt: "a", outputFormat })).toStrictEqual([
      { path: "outputFormat", message: "must be one of jpeg, jpg, png", code: "invalid_value" },
    ]);
  });

  it("is sent in the provider's spelling: variants as text, jpeg as jpg", () => {
    expect(inputOf(qwenImageEdit, { prompt: "a", images: [IMAGE], variants: 3 })).toMatchObject({
      image_url: IMAGE,
      num_images: "3",
    });
    expect(inputOf(nanoBananaPro, { prompt: "a", outputFormat: "jpeg" })).toMatchObject({
      output_format: "jpg",
    });
  });

  it.each([
    ["none", {}, "is required"],
    ["two", { images: [IMAGE, IMAGE] }, "must be at most 1 item"],
  ])("images of a model with exactly one image refuses %s", (_, images, message) => {
    expect(inputOf(sora2ImageToVideo, { prompt: "a", ...images })).toMatchObject([
      { path: "images", message },
    ]);
  });

  it("images with a bad URL is refused with its position", () => {
    const problem = () => "must be an https URL";

    const prepared = nanoBananaEdit.prepare({ prompt: "a", images: ["ftp://x"] }, OPERATOR, problem);

    expect(prepared).toMatchObject({ ok: false, issues: [{ path: "images.0", code: "invalid_url" }] });
  });
});

describe("gpt-4o-image", () => {
  it("accepts images without a prompt", () => {
    expect(inputOf(gpt4oImage, { images: [IMAGE] })).toStrictEqual({ filesUrl: [IMAGE], size: "1:1" });
  });

  it.each([
    ["two images", [IMAGE, IMAGE]],
    ["none", undefined],
  ])("refuses a mask with %s", (_, images) => {
    const request = { prompt: "a", images, input: { maskUrl: IMAGE } };

    expect(inputOf(gpt4oImage, request)).toMatchObject([{ path: "input.maskUrl" }]);
  });

  it("checks the mask's URL like an image's", () => {
    const request = { prompt: "a", images: [IMAGE], input: { maskUrl: "http://10.0.0.1/mask.png" } };

    const prepared = gpt4oImage.prepare(request, OPERATOR, (url) => (url === IMAGE ? null : "is private"));

    expect(prepared).toMatchObject({ ok: false, issues: [{ path: "input.maskUrl", code: "invalid_url" }] });
  });

  it("refuses three variants", () => {
    expect(inputOf(gpt4oImage, { prompt: "a", variants: 3 })).toMatchObject([
      { path: "variants", message: "must be one of 1, 2, 4" },
    ]);
  });
});

describe("sora-2-pro-storyboard", () => {
  const shots = (...durations: number[]) => durations.map((duration) => ({ Scene: "a", duration }));

  it("accepts shots up to the length of the video", () => {
    const fits = { input: { n_frames: "15", shots: shots(7.5, 7.5) } };
    const over = { input: { n_frames: "15", shots: shots(7.5, 8) } };

    expect(inputOf(sora2ProStoryboard, fits)).toStrictEqual(fits.input);
    expect(inputOf(sora2ProStoryboard, over)).toMatchObject([{ path: "input.shots" }]);
  });

  it("turns a prompt into one shot, and refuses a prompt with shots", () => {
    expect(inputOf(sora2ProStoryboard, { prompt: "a" })).toStrictEqual({
      n_frames: "10",
      shots: [{ Scene: "a", duration: 10 }],
    });
    expect(inputOf(sora2ProStoryboard, { prompt: "a", input: { shots: shots(5) } })).toMatchObject([
      { path: "prompt", code: "given_twice" },
    ]);
  });

  it.each([
    ["small letters", [{ scene: "a", duration: 5 }], "input.shots.0.Scene"],
    ["no length", [{ Scene: "a" }], "input.shots.0.duration"],
    ["eleven", shots(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "input.shots"],
    ["none", [], "input.shots"],
  ])("refuses shots with %s", (_, given, path) => {
    const issues = inputOf(sora2ProStoryboard, { input: { n_frames: "25", shots: given } });

    expect(issues).toContainEqual(expect.objectContaining({ path }));
  });
});

describe("Sora 2", () => {
  it("is used like any model, with a notice and without a date", () => {
    const soras = MODELS.filter(({ family }) => family === "sora-2");

    expect(soras).toHaveLength(5);
    expect(
      soras.every(({ notice, retiresAt }) => notice?.includes("2026-09-24") === true && retiresAt === null),
    ).toBe(true);
  });
});

describe("a deadline", () => {
  it("is 15 minutes for an image and 30 for a video", () => {
    const minutes = MODELS.map(({ kind, deadlineSeconds }) => `${kind} ${deadlineSeconds / 60}`);

    expect(new Set(minutes)).toStrictEqual(new Set(["image 15", "video 30"]));
  });
});

describe("veo", () => {
  it.each([
    ["REFERENCE_2_VIDEO", undefined],
    ["FIRST_AND_LAST_FRAMES_2_VIDEO", undefined],
    ["FIRST_AND_LAST_FRAMES_2_VIDEO", [IMAGE, IMAGE, IMAGE]],
  ])("as %s refuses unsuitable images: %s", (generationType, images) => {
    expect(inputOf(veo3, { prompt: "a", images, input: { generationType } })).toMatchObject([
      { path: "images" },
    ]);
  });
});

describe("a price", () => {
  it.each([
    [nanoBananaPro, {}, 18],
    [nanoBananaPro, { resolution: "4K" }, 24],
    [nanoBanana2, { resolution: "2K" }, 12],
    [sora2TextToVideo, { n_frames: "10" }, 30],
    [sora2TextToVideo, { n_frames: "15" }, null],
    [veo3, {}, null],
    [gpt4oImage, { nVariants: 4 }, null],
    [gpt4oImage, {}, 6],
  ])("depends on the request: $0.id %j costs %s", (model, input, credits) => {
    expect(creditsOf(model, { prompt: "a", input })).toBe(credits);
  });
});

describe("kie:<market id>", () => {
  it("sends its input unchanged under the market's own id", async () => {
    const model = anyMarketModel("kie:ideogram/v3-text-to-image");
    const request = { prompt: "a fox", input: { style: { seed: [1] }, image_url: "data:," } };

    expect(model && (await wireCallOf(model, request))).toStrictEqual({
      path: "/api/v1/jobs/createTask",
      body: {
        model: "ideogram/v3-text-to-image",
        input: { prompt: "a fox", style: { seed: [1] }, image_url: "data:," },
      },
    });
  });

  it.each(["kie:", "kie:/x", "kie:a b", "kie:../x?", "veo3", "KIE:x", `kie:${"x".repeat(200)}`])(
    "is not %s",
    (id) => {
      expect(anyMarketModel(id)).toBeNull();
    },
  );

  it("refuses a common field without a known name there", () => {
    const model = anyMarketModel("kie:ideogram/v3-text-to-image");

    expect(model && inputOf(model, { aspectRatio: "1:1" })).toMatchObject([
      { path: "aspectRatio", code: "unsupported_field" },
    ]);
  });
});

it("a model is retired from the date in its entry, and never without one", () => {
  const retiresAt = "2026-09-24T00:00:00Z";
  const at = Date.parse(retiresAt);
  expect([at - 1, at, at + 1].map((now) => isRetired({ retiresAt }, now))).toEqual([false, true, true]);
  expect(isRetired({ retiresAt: null }, at)).toBe(false);
});
