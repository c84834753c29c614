/** The exact body that is sent for each model's example, with the operator's defaults 1:1, jpeg and tolerance 2. */
import type { WireCall } from "./wire-call.ts";

export const BODIES: Readonly<Record<string, WireCall>> = {
  "@cf/black-forest-labs/flux-1-schnell": {
    path: "/client/v4/accounts/sim-account/ai/run/@cf/black-forest-labs/flux-1-schnell",
    body: { prompt: "a hot-air balloon over a salt lake", steps: 8 },
  },
  "flux-kontext-pro": {
    path: "/api/v1/flux/kontext/generate",
    body: {
      model: "flux-kontext-pro",
      prompt: "a lighthouse in a storm, oil on canvas",
      aspectRatio: "16:9",
      outputFormat: "jpeg",
      safetyTolerance: 2,
    },
  },
  "flux-kontext-max": {
    path: "/api/v1/flux/kontext/generate",
    body: {
      model: "flux-kontext-max",
      prompt: "a lighthouse in a storm, oil on canvas",
      aspectRatio: "16:9",
      outputFormat: "jpeg",
      safetyTolerance: 2,
    },
  },
  "gpt-4o-image": {
    path: "/api/v1/gpt4o-image/generate",
    body: { prompt: "a paper boat on a puddle, soft morning light", size: "3:2", nVariants: 2 },
  },
  "google/nano-banana": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "google/nano-banana",
      input: { prompt: "a snow globe with a tiny city inside", aspect_ratio: "4:3", output_format: "png" },
    },
  },
  "google/nano-banana-edit": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "google/nano-banana-edit",
      input: {
        prompt: "make it night",
        output_format: "jpeg",
        image_urls: ["https://example.com/street.png"],
      },
    },
  },
  "nano-banana-pro": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "nano-banana-pro",
      input: {
        prompt: "an exploded drawing of a mechanical watch",
        aspect_ratio: "1:1",
        resolution: "2K",
        output_format: "jpg",
      },
    },
  },
  "nano-banana-2": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "nano-banana-2",
      input: { prompt: "a fox reading a map", aspect_ratio: "16:9", output_format: "jpg" },
    },
  },
  "sora-2-text-to-video": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "sora-2-text-to-video",
      input: { prompt: "a paper crane unfolds and flies away", aspect_ratio: "landscape", n_frames: "10" },
    },
  },
  "sora-2-image-to-video": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "sora-2-image-to-video",
      input: { prompt: "the clouds begin to move", image_urls: ["https://example.com/clouds.png"] },
    },
  },
  "sora-2-pro-text-to-video": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "sora-2-pro-text-to-video",
      input: { prompt: "a train crosses a viaduct", aspect_ratio: "portrait", size: "high" },
    },
  },
  "sora-2-pro-image-to-video": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "sora-2-pro-image-to-video",
      input: { prompt: "she turns and smiles", image_urls: ["https://example.com/portrait.png"] },
    },
  },
  "sora-2-pro-storyboard": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "sora-2-pro-storyboard",
      input: {
        n_frames: "15",
        shots: [
          { Scene: "a cat sits on a rooftop at dusk", duration: 7.5 },
          { Scene: "it leaps to the next roof", duration: 7.5 },
        ],
        aspect_ratio: "landscape",
      },
    },
  },
  veo3: {
    path: "/api/v1/veo/generate",
    body: { model: "veo3", prompt: "rain on a tin roof, slow zoom out, with sound", aspectRatio: "16:9" },
  },
  veo3_fast: {
    path: "/api/v1/veo/generate",
    body: {
      model: "veo3_fast",
      prompt: "rain on a tin roof, slow zoom out, with sound",
      aspectRatio: "16:9",
    },
  },
  veo3_lite: {
    path: "/api/v1/veo/generate",
    body: {
      model: "veo3_lite",
      prompt: "rain on a tin roof, slow zoom out, with sound",
      aspectRatio: "16:9",
    },
  },
  "bytedance/seedream-v4-text-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "bytedance/seedream-v4-text-to-image",
      input: { prompt: "a kite over dunes", image_size: "landscape_21_9", image_resolution: "2K" },
    },
  },
  "bytedance/seedream-v4-edit": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "bytedance/seedream-v4-edit",
      input: { prompt: "as a woodcut", max_images: 3, image_urls: ["https://example.com/kite.jpg"] },
    },
  },
  "seedream/4.5-text-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "seedream/4.5-text-to-image",
      input: { prompt: "a poster for a jazz night", aspect_ratio: "2:3", quality: "high" },
    },
  },
  "seedream/4.5-edit": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "seedream/4.5-edit",
      input: {
        prompt: "replace the sky",
        aspect_ratio: "1:1",
        quality: "basic",
        image_urls: ["https://example.com/a.jpg", "https://example.com/b.jpg"],
      },
    },
  },
  "gpt-image-2-text-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "gpt-image-2-text-to-image",
      input: { prompt: "a menu card in hand lettering", aspect_ratio: "3:4", resolution: "1K" },
    },
  },
  "gpt-image-2-image-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "gpt-image-2-image-to-image",
      input: { prompt: "in the style of a blueprint", input_urls: ["https://example.com/chair.webp"] },
    },
  },
  "flux-2/pro-text-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "flux-2/pro-text-to-image",
      input: { prompt: "a blister pack with pink letters", aspect_ratio: "3:2", resolution: "2K" },
    },
  },
  "flux-2/pro-image-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "flux-2/pro-image-to-image",
      input: {
        prompt: "turn the jacket red",
        aspect_ratio: "auto",
        resolution: "1K",
        input_urls: ["https://example.com/jacket.png"],
      },
    },
  },
  "qwen/text-to-image": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "qwen/text-to-image",
      input: { prompt: "a bookshop sign that says OPEN", image_size: "landscape_16_9", output_format: "png" },
    },
  },
  "qwen/image-edit": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "qwen/image-edit",
      input: {
        prompt: "change the sign to CLOSED",
        output_format: "jpeg",
        image_url: "https://example.com/sign.png",
      },
    },
  },
  "z-image": {
    path: "/api/v1/jobs/createTask",
    body: { model: "z-image", input: { prompt: "a café terrace in the rain", aspect_ratio: "4:3" } },
  },
  "kling-2.6/text-to-video": {
    path: "/api/v1/jobs/createTask",
    body: {
      model: "kling-2.6/text-to-video",
      input: { prompt: "a drone flies through a canyon", sound: true, aspect_ratio: "9:16", duration: "5" },
    },
  },
};
