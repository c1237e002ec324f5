import 'server-only'
import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { AppError } from '@/lib/errors'

/**
 * Addresses no store is at, whoever named the endpoint: link-local ones, where clouds answer with a machine's own
 * credentials. Private and loopback addresses are where most stores are, and stay allowed.
 */
const REFUSED = new BlockList()
REFUSED.addSubnet('169.254.0.0', 16, 'ipv4')
REFUSED.addSubnet('fe80::', 10, 'ipv6')
REFUSED.addAddress('fd00:ec2::254', 'ipv6')

/** @throws {AppError} forbidden for an address written out; names are judged by {@link safeLookup} */
export function requireSafeHost({ hostname }: URL): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && isRefused(address)) throw refusal()
}

/** Resolves a name and judges what is then connected to, so that a name cannot change its address in between. */
export const safeLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
    if (error) callback(error, [])
    else if (addresses.some(isRefused)) callback(refusal(), [])
    else callback(null, found, family)
  })
}

function isRefused(address: string): boolean {
  return REFUSED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function refusal(): AppError {
  return new AppError('forbidden', 'The storage’s address is not one Lakeshore may use.')
}
