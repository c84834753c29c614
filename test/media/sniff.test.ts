import { describe, expect, it } from "vitest";
import { kindOf } from "../../src/media/sniff.ts";
import * as pictures from "../support/fixtures/images.ts";

describe("the kind of a result", () => {
  it.each([
    ["PNG", pictures.png, "png"],
    ["JPEG", pictures.jpeg, "jpg"],
    ["WebP", async () => pictures.webp(), "webp"],
    ["GIF", async () => pictures.gif(), "gif"],
    ["AVIF", async () => pictures.avif(), "avif"],
    ["MP4", async () => pictures.mp4(), "mp4"],
  ])("is told by its first bytes: %s", async (_name, draw, extension) => {
    expect(kindOf(await draw())?.extension).toBe(extension);
  });

  it.each([
    ["WEBP without RIFF before it", "........WEBPVP8 "],
    ["RIFF without WEBP in it", "RIFF....WAVEfmt "],
    ["text", "upstream request timeout"],
    ["nothing", ""],
  ])("is none where there is %s", (_what, text) => {
    expect(kindOf(pictures.ascii(text))).toBeNull();
  });
});
