/**
 * Whether a request that may change something was sent by a page of another origin. SameSite keeps
 * the cookie from those of another site; but a logout deletes the browser's cookie, whoever asks.
 *
 * @param header Reads a header of the request.
 */
export function isFromElsewhere(
  method: string,
  header: (name: string) => string | undefined,
): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return false
  const site = header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin'
  const origin = header('origin')
  // A client that sends neither is no browser of today, and brings nobody's cookies but its own.
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== header('host')
}
