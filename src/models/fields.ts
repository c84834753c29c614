/** Fields that several families spell alike. */
import * as z from "zod/mini";

/** A required text; its spaces at both ends do not count. */
export const promptText = (most: number, least = 1) =>
  z
    .string()
    .check(
      z.trim(),
      z.minLength(least, least === 1 ? "must not be empty" : `must be at least ${least} characters`),
      z.maxLength(most),
    );

/** A list of URLs. The provider checks what they lead to. */
export const imageList = (most: number) => z.array(z.string()).check(z.minLength(1), z.maxLength(most));

/** A field that holds one URL. */
export const oneImage = z.string({
  error: ({ input }) => (input === undefined ? undefined : "must be one image"),
});

/** Maps `images` to such a field. Two images stay a list, which the field then refuses. */
export const onlyImage = (images: unknown): unknown =>
  Array.isArray(images) && images.length <= 1 ? images[0] : images;

/** Ours is `jpeg`; families that came later write `jpg`. */
export const JPEG_AS_JPG = { jpeg: "jpg", jpg: "jpg", png: "png" } as const;

export const IMAGE_TYPES = ["image/jpeg", "image/png", "image/webp"] as const;
