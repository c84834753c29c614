/** What a table says of a word from outside. What every object has, such as `constructor`, is no word of the table. */
export const getOwn = <Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
