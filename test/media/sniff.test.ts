import { describe, expect, it } from "vitest";
import { kindOf } from "../../src/media/sniff.ts";
import * as images from "../support/fixtures/images.ts";

describe("the format of a result", () => {
  it.each([
    ["PNG", images.png, "png"],
    ["JPEG", images.jpeg, "jpg"],
    ["WebP", async () => images.webp(), "webp"],
    ["GIF", async () => images.gif(), "gif"],
    ["AVIF", async () => images.avif(), "avif"],
    ["MP4", async () => images.mp4(), "mp4"],
  ])("is read from its first bytes: %s", async (_name, draw, extension) => {
    expect(kindOf(await draw())?.extension).toBe(extension);
  });

  it.each([
    ["WEBP without RIFF before it", "........WEBPVP8 "],
    ["RIFF without WEBP in it", "RIFF....WAVEfmt "],
    ["text", "provider request timeout"],
    ["nothing", ""],
  ])("is unknown for %s", (_what, text) => {
    expect(kindOf(images.ascii(text))).toBeNull();
  });
});
