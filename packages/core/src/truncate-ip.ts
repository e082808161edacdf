/** Longer than any address with brackets, zone and port. */
const LONGEST = 100

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const PORT = '(?::\\d{1,5})?'
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}${PORT}$`)

const ADDRESS = '([\\da-f:.]+)(?:%[\\w.:~-]+)?'
const IPV6 = new RegExp(`^(?:${ADDRESS}|\\[${ADDRESS}\\]${PORT})$`, 'i')

/**
 * Shortens an IP address so that it tells a network rather than a person: IPv4 to its first 24 bits
 * (`203.0.113.0`), IPv6 to its first 48 (`2001:db8:1::`), in canonical form; an IPv4 address inside an
 * IPv6 one (`::ffff:203.0.113.9`, 6to4) as IPv4. A port, brackets and a zone are dropped. For the `device`
 * of `create`, and for logs.
 *
 * Undefined for what is not an address, so that a forged `X-Forwarded-For` is no error. IPv4 counts in
 * its dotted decimal form only: other programs read `010.0.0.1` as another address.
 *
 * @param ip As a framework or a header has it; anything.
 * @example
 * ```ts
 * import { truncateIp } from '@adjourn/core'
 *
 * await req.session.create({ userId, device: { ip: truncateIp(req.ip) } })
 * ```
 */
export function truncateIp(ip: string | undefined): string | undefined {
  if (typeof ip !== 'string' || ip.length > LONGEST) return undefined
  const [, a, b, c] = IPV4.exec(ip) ?? []
  if (a !== undefined) return `${a}.${b}.${c}.0`
  const [, bare, bracketed] = IPV6.exec(ip) ?? []
  const url = `http://[${bare ?? bracketed ?? ''}]`
  return URL.canParse(url) ? truncateIpv6(new URL(url).hostname) : undefined
}

function truncateIpv6(hostname: string): string {
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::')
  const [first, last] = [groupsIn(head), groupsIn(tail)]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0)
  const groups = [...first, ...zeros, ...last]
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return truncateIpv4(groups.slice(6))
  }
  // 6to4 (RFC 3056) has the whole IPv4 address in the first 48 bits.
  if (groups[0] === 0x2002) return truncateIpv4(groups.slice(1))
  const network = groups.slice(0, 3).map((group) => group.toString(16))
  return new URL(`http://[${network.join(':')}::]`).hostname.slice(1, -1)
}

function truncateIpv4([high = 0, low = 0]: readonly number[]): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.0`
}

function groupsIn(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
