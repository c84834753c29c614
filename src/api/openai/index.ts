/** OpenAI's dialect, for its SDKs and for chat clients with a configurable base URL. */
import { Hono } from "hono";
import type { AppEnv } from "../../http/context.ts";
import { chat } from "./chat.ts";
import { images } from "./images.ts";
import { models } from "./models.ts";

export const openai = new Hono<AppEnv>();

openai.route("/", models);
openai.route("/", chat);
openai.route("/", images);
