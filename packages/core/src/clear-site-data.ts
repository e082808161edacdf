import { refuse } from './check.ts'
import type { EndOptions, SiteData } from './session.ts'

const SITE_DATA: readonly SiteData[] = ['cache', 'cookies', 'storage', '*']

/** The value of the Clear-Site-Data header. */
export function clearSiteDataValue(given: EndOptions['clearSiteData']): string | undefined {
  if (given === undefined || given === false) return undefined
  const wanted: readonly SiteData[] = given === true ? ['cache', 'storage'] : [given].flat()
  if (wanted.length === 0 || wanted.some((kind) => !SITE_DATA.includes(kind))) {
    refuse([`clearSiteData must be true or any of ${SITE_DATA.join(', ')}`])
  }
  return wanted.map((kind) => `"${kind}"`).join(', ')
}
