/** How often a property is tried: a little in `npm test`, much in `npm run test:long`. */
export const RUNS = Number(process.env['ADJOURN_FUZZ'] ?? 100)

/** In milliseconds, of a test that tries a property so often. */
export const TIMEOUT: number = 20_000 + RUNS * 100

/** How many hostile Cookie headers are sent. */
export const HEADERS = Number(process.env['ADJOURN_HEADERS'] ?? 1000)
