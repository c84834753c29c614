/** Small pieces of generated Markdown. */
const WIDTH = 100;

export const code = (text: string): string => `\`${text}\``;

export const codes = (texts: readonly string[]): string => texts.map(code).join(", ");

/** One item of a list, wrapped; the next lines are indented. */
function item(text: string): string {
  const lines: string[] = [];
  let line = "-";
  for (const word of text.split(/\s+/)) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ";
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

export const list = (texts: readonly string[]): string => texts.map(item).join("\n");

/** A table without padding. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const NOTE = "<!-- `npm run docs` writes this page. Change its source instead. -->";

/** A whole generated page. */
export const page = (title: string, parts: readonly string[]): string =>
  `${[`# ${title}`, NOTE, ...parts].join("\n\n")}\n`;
