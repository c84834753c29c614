/** The round trips to D1: single statements and batches. */
export interface QueryCount {
  readonly database: D1Database;
  /** SQL of every round trip since the last `reset`; a batch is one entry with its statements joined. */
  readonly trips: readonly string[];
  readonly reset: () => void;
}

/** Wraps a database so that each round trip is counted. */
export function countQueries(database: D1Database): QueryCount {
  const trips: string[] = [];
  const texts = new WeakMap<object, string>();
  const wrapStatement = (statement: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...values: unknown[]) => {
          const result: unknown = Reflect.apply(value, target, values);
          if (name === "bind") return wrapStatement(result as D1PreparedStatement, sql);
          trips.push(sql);
          return result;
        };
      },
    });
    texts.set(wrapped, sql);
    inner.set(wrapped, statement);
    return wrapped;
  };
  const inner = new WeakMap<object, D1PreparedStatement>();
  const counted = {
    prepare: (sql: string) => wrapStatement(database.prepare(sql), sql),
    batch: (statements: D1PreparedStatement[]) => {
      trips.push(statements.map((statement) => texts.get(statement) ?? "").join(";\n"));
      return database.batch(statements.map((statement) => inner.get(statement) ?? statement));
    },
    exec: (sql: string) => database.exec(sql),
  };
  return {
    database: counted as unknown as D1Database,
    trips,
    reset: () => void trips.splice(0),
  };
}
