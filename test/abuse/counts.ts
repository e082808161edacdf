/** How often a property is tried: a little in `npm test`, much in `npm run test:long`. */
export const RUNS = Number(process.env['ADJOURN_FUZZ'] ?? 100)

/** How many hostile Cookie headers are sent. */
export const HEADERS = Number(process.env['ADJOURN_HEADERS'] ?? 1000)
