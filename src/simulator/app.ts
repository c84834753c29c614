import { Hono } from "hono";
import { NO_ACCESS, answer } from "./answers.ts";
import { CLOUDFLARE_PATHS, listModels, runModel } from "./cloudflare.ts";
import { create } from "./create.ts";
import { DOWNLOAD_PATHS, makeDownloadLink, serveDownloadLink } from "./downloads.ts";
import { FAMILIES } from "./families/list.ts";
import { FILE_PATHS, serveFile, uploadFile, uploadToImgbb } from "./files.ts";
import { LINK_PATHS } from "./links.ts";
import { resendCallback, simulatedTask, summary } from "./observe.ts";
import { serveResult, serveSide } from "./results.ts";
import { readStatus } from "./status.ts";
import { accountOf, balanceOf } from "./world.ts";
import type { World } from "./world.ts";

/** The provider on one screen: its API, its result host and inspection routes. A handler may throw a Fault. */
export function createApp(world: World): Hono {
  const app = new Hono();

  app.use("/api/*", async (c, next) => {
    // The proxy in front of the API refuses clients that do not name themselves; the result host does not.
    if ((c.req.header("User-Agent") ?? "").trim() === "") return c.text("error code: 1010", 403);
    return next();
  });
  for (const family of FAMILIES) {
    app.post(family.createPath, (c) => create(world, family, c.req.raw));
    app.get(family.recordPath, (c) => readStatus(world, family, c.req.raw));
  }
  app.get("/api/v1/chat/credit", (c) => {
    const key = accountOf(world, c.req.raw);
    return answer(key === null ? NO_ACCESS : { code: 200, msg: "success", data: balanceOf(world, key) });
  });

  app.post(FILE_PATHS.stream, (c) => uploadFile(world, "stream", c.req.raw));
  app.post(FILE_PATHS.base64, (c) => uploadFile(world, "base64", c.req.raw));
  app.post(FILE_PATHS.url, (c) => uploadFile(world, "url", c.req.raw));
  app.get(FILE_PATHS.download, (c) => serveFile(world, c.req.param()));
  app.post(FILE_PATHS.imgbb, (c) => uploadToImgbb(world, c.req.raw));

  for (const path of Object.values(DOWNLOAD_PATHS)) app.post(path, (c) => makeDownloadLink(world, c.req.raw));
  app.get(LINK_PATHS.downloads, (c) => serveDownloadLink(world, c.req.param(), c.req.raw));
  app.get(LINK_PATHS.results, (c) => serveResult(world, c.req.param(), c.req.raw));
  app.get(LINK_PATHS.origins, (c) => serveSide(world, c.req.param(), "origin"));
  app.get(LINK_PATHS.mirror, (c) => serveSide(world, c.req.param(), "mirror"));
  app.get(LINK_PATHS.forged, (c) => serveSide(world, c.req.param(), "forged"));

  app.get(CLOUDFLARE_PATHS.models, (c) => listModels(world, c.req.param("account"), c.req.raw));
  app.post(CLOUDFLARE_PATHS.run, (c) => runModel(world, c.req.param(), c.req.raw));

  app.get("/__simulator/tasks", (c) => c.json(world.tasks.map((task) => simulatedTask(task, world))));
  app.get("/__simulator/summary", (c) => c.json(summary(world)));
  app.post("/__simulator/tasks/:id/callback", (c) => resendCallback(world, c.req.param("id")));

  app.notFound((c) => c.json({ code: 404, msg: "Not Found" }, 404));
  app.onError((error) => {
    throw error;
  });
  return app;
}
