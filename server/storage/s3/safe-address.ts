import 'server-only'
import { lookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { AppError } from '@/lib/errors'
import { isMetadataAddress } from '../metadata-addresses'

/**
 * Stores are asked at no address where machines are told about themselves. Private and loopback addresses are where
 * most stores are, and stay allowed.
 */

/** @throws {AppError} forbidden for an address written out; names are judged by {@link safeLookup} */
export function requireSafeHost({ hostname }: URL): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && isMetadataAddress(address)) throw refusal()
}

/** Resolves a name and judges what is then connected to, so that a name cannot change its address in between. */
export const safeLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
    if (error) callback(error, [])
    else if (addresses.some(isMetadataAddress)) callback(refusal(), [])
    else callback(null, found, family)
  })
}

function refusal(): AppError {
  return new AppError('forbidden', 'The storage’s address is not one Lakeshore may use.')
}
