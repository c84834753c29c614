/** OpenAI's dialect, for its SDKs and for chat clients with a configurable base URL. */
import { routesAt } from "../../http/on-demand.ts";
import { chat } from "./chat.ts";
import { images } from "./images.ts";
import { models } from "./models.ts";

export const openai = routesAt("/v1");

openai.route("/", models);
openai.route("/", chat);
openai.route("/", images);
