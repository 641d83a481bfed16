/**
 * What our own children - models, compilers, other tools - get of our environment: all but what is secret. The host has
 * the token from its keeper (host/keeper.ts), for its agent shows it.
 */

/** Taken away from what a child would inherit. */
export const withoutSecrets: NodeJS.ProcessEnv = { TRAPLINE_TOKEN: undefined }
