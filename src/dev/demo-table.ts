/** A table that is drawn again in place on a terminal, and written line by line where there is none. */
export interface Row {
  readonly name: string;
  readonly status: string;
  readonly progress: string;
  readonly seconds: string;
  readonly credits: string;
  readonly bytes: string;
  readonly url: string;
}

const WIDTHS: Readonly<Record<keyof Row, number>> = {
  name: 28,
  status: 11,
  progress: 8,
  seconds: 7,
  credits: 7,
  bytes: 9,
  url: 0,
};
const COLUMNS = ["name", "status", "progress", "seconds", "credits", "bytes", "url"] as const;

const line = (row: Row): string =>
  COLUMNS.map((column) => row[column].padEnd(WIDTHS[column]))
    .join(" ")
    .trimEnd();

const HEAD: Row = {
  name: "model",
  status: "status",
  progress: "progress",
  seconds: "seconds",
  credits: "credits",
  bytes: "bytes",
  url: "url",
};

export interface Table {
  /** Shows the rows as they are now. */
  readonly show: (rows: readonly Row[]) => void;
}

export function createTable(output: NodeJS.WriteStream): Table {
  let drawn = 0;
  const printed = new Map<string, string>();
  output.write(`${line(HEAD)}\n`);
  return {
    show: (rows) => {
      if (output.isTTY) {
        const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
        output.write(up + rows.map((row) => `\u001b[2K${line(row)}\n`).join(""));
        drawn = rows.length;
        return;
      }
      for (const row of rows) {
        if (printed.get(row.name) === row.status) continue;
        printed.set(row.name, row.status);
        output.write(`${line(row)}\n`);
      }
    },
  };
}
