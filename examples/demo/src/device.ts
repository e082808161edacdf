import { truncateIp, type Device } from '@adjourn/core'

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\b(Linux|X11)\b/, 'Linux'],
]

const LONGEST = 60

/** What the account page shows of a device: for its owner to know it by, and no more than that. */
export function deviceOf(userAgent: string | undefined, ip: string | undefined): Device {
  const network = truncateIp(ip)
  const label = labelOf(userAgent)
  return network === undefined ? { label } : { label, ip: network }
}

function labelOf(userAgent = ''): string {
  const find = (names: readonly (readonly [RegExp, string])[]): string | undefined =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = find(BROWSERS)
  const system = find(SYSTEMS)
  if (browser === undefined) return userAgent.slice(0, LONGEST) || 'Unknown device'
  return system === undefined ? browser : `${browser} on ${system}`
}
