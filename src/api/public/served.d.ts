/** A program and its types as text, made by the build. */
declare module "*?served" {
  export const script: string;
  export const types: string;
}
