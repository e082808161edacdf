/** All who seal or sign do it with this. */
export const SECRET = 'the-secret-of-the-bench-of-32-chars-or-more'
