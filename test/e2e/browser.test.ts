/** `npm run test:browser`: a page that uses the client, in a real Chromium, against the real `wrangler dev`. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startCuttingProxy } from "./cutting-proxy.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import { startStage, timelineOf } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { launchBrowser, missingBrowser } from "./browser.ts";

/** Requests an artwork, or resumes the page's earlier one; records the received events. */
const PAGE = `<!doctype html><title>Darkroom</title><script type="module">
import { createDarkroom } from "/client.js";
const darkroom = createDarkroom({ baseUrl: "" });
const options = new URLSearchParams(location.search);
let id = localStorage.getItem("artwork");
if (id === null) {
  id = (await darkroom.generate({ prompt: options.get("prompt") })).id;
  localStorage.setItem("artwork", id);
}
globalThis.received = [];
const after = options.has("all") ? { after: 0 } : {};
for await (const event of darkroom.watch(id, after)) globalThis.received.push(event);
globalThis.isOver = true;
</script>`;

interface ReceivedEvent {
  readonly id: number | null;
  readonly type: string;
}

/** A job that still runs after two page loads on a busy machine. */
const LONG = "[sim:slow=10]";
const TIME_LIMIT = { timeout: 60_000 };

const skip = missingBrowser() ?? false;

void describe("a page with the client", { skip, timeout: 300_000 }, () => {
  let stage: Stage;
  let proxy: CuttingProxy;
  let browser: Browser;

  before(async () => {
    stage = await startStage({ taskMs: 3_000 });
    proxy = await startCuttingProxy(stage.url);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await proxy?.close();
    await stage?.close();
  });

  const openPage = async (prompt: string, more = ""): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.route("**/page.html?*", (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto(`${proxy.url}/page.html?prompt=${encodeURIComponent(prompt)}${more}`);
    return page;
  };
  const receivedBy = (page: Page): Promise<ReceivedEvent[]> =>
    page.evaluate("(globalThis.received ?? []).map(({ id, type }) => ({ id, type }))");
  /** By an event, or by the snapshot that a page begins with. */
  const untilUnderWay = (page: Page) =>
    page.waitForFunction(
      'globalThis.received?.at(-1)?.data.generation.status === "processing"',
      null,
      TIME_LIMIT,
    );
  const untilOver = (page: Page) => page.waitForFunction("globalThis.isOver === true", null, TIME_LIMIT);
  const idOf = (page: Page): Promise<string> => page.evaluate('localStorage.getItem("artwork")');

  void it("continues to the end with only the id after a reload", async () => {
    const page = await openPage(`a fox, reloaded ${LONG}`);
    await untilUnderWay(page);
    await page.reload();
    await untilOver(page);
    const events = await receivedBy(page);
    assert.equal(events[0]?.type, "artwork.snapshot");
    assert.equal(events.at(-1)?.type, "artwork.completed");
    const ids = events.flatMap(({ id }) => id ?? []);
    assert.deepEqual(
      ids,
      ids.map((_, index) => (ids[0] ?? 0) + index),
    );
    const tasks = stage.simulator.tasks.filter(({ body }) => JSON.stringify(body).includes("reloaded"));
    assert.equal(tasks.length, 1);
  });

  void it("receives every event once and in order when its connection is cut", async () => {
    const page = await openPage(`a fox, cut off ${LONG}`, "&all=1");
    await untilUnderWay(page);
    assert.ok(proxy.cut() > 0);
    await untilOver(page);
    const events = (await receivedBy(page))
      .filter(({ id }) => id !== null)
      .map(({ id, type }) => `${id} ${type}`);
    assert.deepEqual(events, await timelineOf(stage.url, await idOf(page)));
  });
});
