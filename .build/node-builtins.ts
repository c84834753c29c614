import { builtinModules } from "node:module";
import { esmExternalRequirePlugin } from "rolldown/plugins";

const BUILT_IN = new RegExp(`^(node:)?(${builtinModules.filter((name) => !name.includes(":")).join("|")})$`);

/** Leaves Node's own modules to the runtime, also where a package asks for them by `require`, which workerd has not. */
export const nodeBuiltins = () => esmExternalRequirePlugin({ external: [BUILT_IN] });
