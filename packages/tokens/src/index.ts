/**
 * Access tokens that die with their session, and providers that end sessions.
 *
 * @module
 */
export {}
