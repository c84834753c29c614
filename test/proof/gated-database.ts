import type { Gate } from "./process.ts";

interface Statement {
  readonly inner: D1PreparedStatement;
  readonly sql: string;
  readonly values: readonly unknown[];
}

const ROUND_TRIPS = new Set(["all", "raw", "run", "first"]);

/** Wraps a database so that each round trip passes a gate. */
export function gatedDatabase(database: D1Database, gate: Gate): D1Database {
  const known = new WeakMap<object, Statement>();
  const wrap = (statement: Statement): D1PreparedStatement => {
    const { inner, sql } = statement;
    const wrapped = new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        const call = (...values: unknown[]): unknown => Reflect.apply(value, target, values);
        if (name === "bind") {
          return (...values: unknown[]) =>
            wrap({ inner: call(...values) as D1PreparedStatement, sql, values });
        }
        if (!ROUND_TRIPS.has(String(name))) return call;
        return (...values: unknown[]) =>
          gate(pointOf([statement]), () => call(...values) as Promise<unknown>);
      },
    });
    known.set(wrapped, statement);
    return wrapped;
  };
  const gated = {
    prepare: (sql: string) => wrap({ inner: database.prepare(sql), sql, values: [] }),
    batch: (statements: D1PreparedStatement[]) => {
      const batch = statements.flatMap((statement) => known.get(statement) ?? []);
      return gate(pointOf(batch), () => database.batch(batch.map(({ inner }) => inner)));
    },
  };
  return gated as unknown as D1Database;
}

/** Names a round trip by its statements. */
function pointOf(statements: readonly Statement[]): string {
  const values = statements.flatMap((statement) => statement.values);
  const texts = values.filter((value) => typeof value === "string");
  const event = texts.find((text) => /^(artwork|generation)\.[a-z_]+$/.test(text));
  if (event !== undefined) return `db ${event}`;
  const [, verb = "", table = ""] =
    /^(select|insert|update|delete)[^"]*"(\w+)"/.exec(statements[0]?.sql ?? "") ?? [];
  return verb === "select" ? "db read" : `db ${verb} ${table}`;
}
