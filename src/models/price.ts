import type { Model, PriceRule, WireInput } from "./model.ts";

/** The list price of an input in the provider's credits: the first rule that holds, else the model's usual price. */
export function listPrice(
  {
    credits,
    creditsByOption = [],
  }: Pick<Model, "credits"> & { readonly creditsByOption?: readonly PriceRule[] },
  input: WireInput,
): number | null {
  const holds = ({ when }: PriceRule) =>
    Object.entries(when).every(([field, values]) => values.includes(input[field]));
  const rule = creditsByOption.find(holds);
  return rule === undefined ? credits : rule.credits;
}
