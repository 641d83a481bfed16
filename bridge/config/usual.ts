/** Budgets where nobody says another; apart from the schema, so that `--help` need not load that. */
export const usual = {
  /** Cycles of each handshake. */
  maxCycles: 100_000,
  /** Cycles for which all programs may wait for an interrupt in vain. */
  maxIdleCycles: 10_000_000,
} as const
