/** Descriptions of names in the code. The types demand each; the command checks again, because Node strips types. */

/** The description of a name. Throws when there is none. */
export function descriptionOf<Name extends string, Description>(
  subject: string,
  descriptions: Readonly<Record<Name, Description>>,
  name: Name,
): Description {
  if (!Object.hasOwn(descriptions, name)) throw new Error(`The ${subject} ${name} has no description.`);
  return descriptions[name];
}

/** The described names, in the order of their descriptions. Throws when a name has no description, or a description no name. */
export function describedNames<Name extends string>(
  subject: string,
  descriptions: Readonly<Record<Name, unknown>>,
  existing: object,
): Name[] {
  const names = Object.keys(descriptions) as Name[];
  const missing = Object.keys(existing).filter((name) => !Object.hasOwn(descriptions, name));
  const unknown = names.filter((name) => !Object.hasOwn(existing, name));
  if (missing.length > 0) throw new Error(`No description of the ${subject} ${missing.join(", ")}.`);
  if (unknown.length > 0) throw new Error(`There is no ${subject} ${unknown.join(", ")}.`);
  return names;
}
