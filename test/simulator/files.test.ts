import { describe, expect, it } from "vitest";
import { jpeg, png } from "../support/fixtures/images.ts";
import { startProvider } from "./harness.ts";
import type { Provider } from "./harness.ts";

const HOUR = 3_600_000;

const formOf = async (fields: Record<string, string> = { uploadPath: "folder" }) => {
  const form = new FormData();
  form.set("file", new File([await png()], "own.png", { type: "image/png" }));
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
};

const upload = async (provider: Provider, body: FormData) =>
  await (await provider.call("/api/file-stream-upload", { method: "POST", body })).json();

const urlOf = (answer: unknown): string => (answer as { data: { downloadUrl: string } }).data.downloadUrl;

describe("the file storage", () => {
  it("stores a streamed file for 24 hours under a link without a key", async () => {
    const provider = startProvider();
    const answer = await upload(provider, await formOf({ uploadPath: "folder", fileName: "mine.png" }));
    expect(answer).toMatchObject({
      success: true,
      code: 200,
      data: { fileName: "mine.png", filePath: "folder/mine.png", mimeType: "image/png" },
    });
    const fetchFile = () => provider.simulator.fetch(new Request(urlOf(answer)));
    expect(new Uint8Array(await (await fetchFile()).arrayBuffer())).toEqual(await png());
    await provider.clock.advance(24 * HOUR - 1);
    expect((await fetchFile()).status).toBe(200);
    await provider.clock.advance(1);
    expect((await fetchFile()).status).toBe(404);
  });

  it("refuses a call without a key and one without uploadPath", async () => {
    const provider = startProvider();
    const body = await formOf();
    const headers = { Authorization: "Bearer nobody", "User-Agent": "test" };
    const response = await provider.call("/api/file-stream-upload", { method: "POST", body, headers });
    expect(await response.json()).toMatchObject({ code: 401 });
    expect(await upload(provider, await formOf({}))).toMatchObject({ code: 400 });
    expect(provider.simulator.files).toEqual([]);
  });

  it("accepts base64 with and without its prefix", async () => {
    const provider = startProvider();
    const base64Data = `data:image/jpeg;base64,${btoa(String.fromCodePoint(...(await jpeg())))}`;
    const body = JSON.stringify({ base64Data, uploadPath: "folder" });
    const response = await provider.call("/api/file-base64-upload", { method: "POST", body });
    expect(await response.json()).toMatchObject({ data: { mimeType: "image/jpeg" } });
    expect(provider.simulator.files[0]?.bytes).toEqual(await jpeg());
  });

  it("fetches a URL, on this machine only", async () => {
    const bytes = await png();
    const provider = startProvider({
      fetchInput: async () => new Response(bytes, { headers: { "Content-Type": "image/png" } }),
    });
    const send = async (fileUrl: string) =>
      await (
        await provider.call("/api/file-url-upload", {
          method: "POST",
          body: JSON.stringify({ fileUrl, uploadPath: "folder" }),
        })
      ).json();
    expect(await send("http://localhost/a.png")).toMatchObject({ code: 200, data: { fileName: "a.png" } });
    expect(await send("https://example.com/a.png")).toMatchObject({ code: 400 });
  });

  it("also simulates imgbb, which reports errors by HTTP status and deletes an image on request", async () => {
    const provider = startProvider();
    const form = new FormData();
    form.set("image", new File([await png()], "own.png", { type: "image/png" }));
    form.set("expiration", "600");
    const send = (path: string) => provider.call(path, { method: "POST", body: form, headers: {} });
    expect((await send("/1/upload")).status).toBe(400);
    const { data } = await (await send("/1/upload?key=k")).json<{ data: { url: string } }>();
    expect((await provider.simulator.fetch(new Request(data.url))).status).toBe(200);
    await provider.clock.advance(600_000);
    expect((await provider.simulator.fetch(new Request(data.url))).status).toBe(404);
  });
});

describe("input images", () => {
  it("that are unreachable are refused with 451 and make no task", async () => {
    const provider = startProvider({ fetchInput: async () => new Response(null, { status: 404 }) });
    const body = { prompt: "a fox", inputImage: "http://localhost:8787/media/x.png" };
    expect((await provider.create(body)).body).toMatchObject({ code: 451 });
    expect(provider.simulator.creates()).toBe(0);
  });

  it("on other machines are not fetched", async () => {
    const fetched: string[] = [];
    const provider = startProvider({
      fetchInput: async (request) => {
        fetched.push(request.url);
        return new Response("x", { headers: { "Content-Type": "image/png" } });
      },
    });
    await provider.create({ prompt: "a fox", inputImage: "https://example.com/x.png" });
    await provider.create({ prompt: "a fox", inputImage: "http://127.0.0.1/x.png" });
    expect(fetched).toEqual(["http://127.0.0.1/x.png"]);
    expect(provider.simulator.creates()).toBe(2);
  });
});
