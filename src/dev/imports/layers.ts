/** The rooms of `src` and what each may import, as the table `settings.layers` in `.oxlintrc.json` says. */

/** By room, the rooms that it may import besides itself. A room is a folder or file of `src`, without `.ts`. */
export type Layers = Readonly<Record<string, readonly string[]>>;

/** The room of a file, given as its path below `src`: the longest name in the table that contains it; null outside the table. */
export function roomOf(layers: Layers, file: string): string | null {
  const path = file.replace(/\.(d\.)?ts$/, "");
  const rooms = Object.keys(layers).filter((room) => path === room || path.startsWith(`${room}/`));
  return rooms.toSorted((one, other) => other.length - one.length)[0] ?? null;
}

/** Whether the room of one file may import the other file. Files of one room may import each other. */
export function mayImport(layers: Layers, from: string, to: string): boolean {
  const room = roomOf(layers, from);
  const target = roomOf(layers, to);
  if (room === null || target === null) return false;
  return room === target || (layers[room] ?? []).includes(target);
}
