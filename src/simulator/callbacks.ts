import { spell } from "./answers.ts";
import type { Envelope } from "./answers.ts";
import type { Ended, Subject } from "./families/family.ts";
import { sideLinks } from "./links.ts";
import { isLoopback } from "./loopback.ts";
import { signatureHeaders } from "./signature.ts";
import { endOf } from "./progress.ts";
import type { SentCallback, Task } from "./task.ts";
import type { World } from "./world.ts";

/** KIE waits 15 s for a 200 and tries three times more; the spacing is documented nowhere, guides say 1, 5 and 15 minutes. */
const TIME_LIMIT_MS = 15_000;
const RETRY_AFTER_MS = [60_000, 300_000, 900_000];

/** A callback's body and the task id that its signature is for. */
interface Message {
  readonly taskId: string;
  readonly body: Record<string, unknown>;
}

/** Sends what the task's scenario makes of its callback, each with its retries. Resolves after the first try of each. */
export async function callBack(world: World, task: Task): Promise<void> {
  const messages = messagesOf(task, world.options.origin);
  if (task.scenario.has("callback-twice"))
    await Promise.all(messages.map((message) => sendWithRetries(world, task, message, 0)));
  else for (const message of messages) await sendWithRetries(world, task, message, 0);
}

/** Sends the (first) callback once more, now, even where the scenario keeps it back. Null when the request named no address. */
export async function resend(world: World, task: Task): Promise<SentCallback | null> {
  const [message] = messagesOf(task, world.options.origin);
  return message === undefined ? null : send(world, task, message);
}

function messagesOf(task: Task, origin: string): readonly Message[] {
  const { scenario, family } = task;
  const ended = endOf(task, origin);
  const codeAsString = scenario.has("code-as-string");
  const write = (subject: Subject, claim: Ended): Message => {
    const envelope: Envelope = family.callback(subject, claim);
    return { taskId: subject.id, body: spell(envelope, codeAsString) };
  };
  if (scenario.has("callback-wrong-task")) return [write({ ...task, id: anotherId(task.id) }, ended)];
  if (scenario.has("callback-wrong-url")) return [write(task, forge(task, ended, origin))];
  const truth = write(task, ended);
  if (scenario.has("callback-twice")) return [truth, truth];
  if (scenario.has("callback-out-of-order")) return [truth, write(task, OUT_OF_ORDER)];
  return [truth];
}

const OUT_OF_ORDER: Ended = { kind: "failed", code: 500, message: "Internal Error, Please try again later." };

function forge(task: Task, ended: Ended, origin: string): Ended {
  return ended.kind === "failed" ? ended : { ...ended, urls: sideLinks(task, origin, "forged") };
}

function anotherId(id: string): string {
  return id.startsWith("0") ? `1${id.slice(1)}` : `0${id.slice(1)}`;
}

async function sendWithRetries(world: World, task: Task, message: Message, tried: number): Promise<void> {
  const sent = await send(world, task, message);
  const wait = RETRY_AFTER_MS[tried];
  if (sent === null || sent.status === 200 || sent.status === "not reachable" || wait === undefined) return;
  world.options.schedule(wait, () => sendWithRetries(world, task, message, tried + 1));
}

async function send(world: World, task: Task, message: Message): Promise<SentCallback | null> {
  const url = task.order.callBackUrl;
  if (url === null) return null;
  const at = world.options.now();
  const status = isLoopback(url) ? await deliver(world, url, task, message) : "not reachable";
  const sent: SentCallback = { at, url, status, body: message.body };
  task.callbacks.push(sent);
  return sent;
}

async function deliver(
  world: World,
  url: string,
  task: Task,
  message: Message,
): Promise<number | "no answer"> {
  const { webhookHmacKey, now, schedule } = world.options;
  const signature = await signatureHeaders(task.scenario, {
    taskId: message.taskId,
    hmacKey: webhookHmacKey,
    now: now(),
  });
  const post = async (): Promise<number> => {
    const request = new Request(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...signature },
      body: JSON.stringify(message.body),
      // A redirect could lead away from loopback.
      redirect: "manual",
    });
    const response = await world.options.deliver(request);
    await response.arrayBuffer();
    return response.status;
  };
  const timedOut = new Promise<"no answer">((resolve) =>
    schedule(TIME_LIMIT_MS, async () => resolve("no answer")),
  );
  return Promise.race([post().catch((): "no answer" => "no answer"), timedOut]);
}
