/** On whose behalf a request acts. */
export interface Caller {
  readonly owner: string;
}
