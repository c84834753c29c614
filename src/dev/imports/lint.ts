/** A rule for the linter: imports within `src` follow the table `settings.layers`. */
import { dirname, relative, resolve, sep } from "node:path";
import { mayImport, roomOf } from "./layers.ts";
import type { Layers } from "./layers.ts";

interface ImportNode {
  readonly source: { readonly type?: string; readonly value?: unknown } | null;
}

interface RuleContext {
  readonly cwd: string;
  readonly filename: string;
  readonly settings: { readonly layers: Layers };
  readonly report: (problem: { readonly node: unknown; readonly message: string }) => void;
}

function checkImport({ cwd, filename, settings, report }: RuleContext, node: ImportNode): void {
  const specifier = node.source?.value;
  if (typeof specifier !== "string" || !/^\..*\.ts$/.test(specifier)) return;
  const below = (path: string) => relative(resolve(cwd, "src"), path).replaceAll(sep, "/");
  const [from, to] = [below(filename), below(resolve(dirname(filename), specifier))];
  if (from.startsWith("..") || mayImport(settings.layers, from, to)) return;
  const names = [from, to].map((file) => roomOf(settings.layers, file) ?? file);
  report({ node, message: `${names[0]} may not import ${names[1]} (settings.layers in .oxlintrc.json).` });
}

export default {
  meta: { name: "layers" },
  rules: {
    imports: {
      create(context: RuleContext) {
        const check = (node: ImportNode) => checkImport(context, node);
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression: check,
        };
      },
    },
  },
};
