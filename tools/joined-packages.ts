/**
 * Packages that the build joins into dist/, because we need a part of them only: with all of zod's languages a gateway takes
 * 10 MB more. Nobody who installs the gateway needs them beside it, so they are among the devDependencies.
 */
export const JOINED_PACKAGES: readonly string[] = ['yaml', 'zod'];
