import { describe, expect, it } from "vitest";
import type { CommonRequest } from "../../src/models/common-fields.ts";
import type { ModelDefaults } from "../../src/models/model.ts";
import { fluxKontextMax, fluxKontextPro } from "../../src/models/flux-kontext.ts";
import { fluxKontext } from "../../src/providers/kie/flux-kontext.ts";

const DEFAULTS: ModelDefaults = {
  aspectRatio: "1:1",
  outputFormat: "jpeg",
  fluxSteps: 4,
  safetyTolerance: 2,
};
const CALLBACK = "https://darkroom.example/api/kie/kie-callback?generation=g&token=t";

/** The body that reaches the wire, or the issues. */
const sent = (request: CommonRequest, model = fluxKontextPro, defaults = DEFAULTS): unknown => {
  const prepared = model.prepare(request, defaults, () => null);
  return prepared.ok ? fluxKontext.body(model.id, prepared.input, CALLBACK) : prepared.issues;
};

describe("Flux Kontext sends", () => {
  it("a new image with the operator's defaults", () => {
    expect(sent({ prompt: " a fox " })).toStrictEqual({
      model: "flux-kontext-pro",
      prompt: "a fox",
      aspectRatio: "1:1",
      outputFormat: "jpeg",
      safetyTolerance: 2,
      callBackUrl: CALLBACK,
    });
  });

  it("every field of a caller under the provider's names", () => {
    const input = {
      safetyTolerance: 6,
      enableTranslation: false,
      promptUpsampling: true,
      uploadCn: true,
      watermark: "me",
    };
    expect(
      sent({ prompt: "a fox", aspectRatio: "21:9", outputFormat: "png", input }, fluxKontextMax),
    ).toStrictEqual({
      model: "flux-kontext-max",
      prompt: "a fox",
      aspectRatio: "21:9",
      outputFormat: "png",
      safetyTolerance: 6,
      enableTranslation: false,
      promptUpsampling: true,
      uploadCn: true,
      watermark: "me",
      callBackUrl: CALLBACK,
    });
  });

  it("an edit with the ratio of its source and a tolerance within the limits of edits", () => {
    const images = ["https://a.example/cat.png"];
    expect(
      sent({ prompt: "make it night", images }, fluxKontextPro, { ...DEFAULTS, safetyTolerance: 6 }),
    ).toStrictEqual({
      model: "flux-kontext-pro",
      prompt: "make it night",
      inputImage: "https://a.example/cat.png",
      outputFormat: "jpeg",
      safetyTolerance: 2,
      callBackUrl: CALLBACK,
    });
  });

  it("no callback URL where the provider cannot reach one", () => {
    expect(fluxKontext.body("flux-kontext-pro", { prompt: "a" }, null)).toStrictEqual({
      model: "flux-kontext-pro",
      prompt: "a",
    });
  });
});
