import 'server-only'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { AppError } from '@/lib/errors'
import { isMetadataAddress } from '@/server/storage/metadata-addresses'

/**
 * The gate for addresses that a catalog hands out (`s3.endpoint`). This server stands inside a network the catalog may
 * not see: an address from outside must not make it knock on doors there.
 *
 * Addresses where clouds keep the credentials of machines are refused whoever names them. Those of
 * this machine and of private networks pass only where the connection itself, made by an admin, names the same.
 */

const INSIDE = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
])

export type HandedOut = {
  address: string
  /** Addresses the connection's admin named: the catalog's own and those of its storage. */
  trusted: readonly string[]
  /** Set where requests go to the bucket's name below the host, which may be another machine. */
  bucket?: string | null
  resolve?: (host: string) => Promise<readonly string[]>
}

/**
 * @returns the address without a slash at the end
 * @throws {AppError} forbidden when this server may not be sent there; catalog-unavailable when the name is not found
 */
export async function checkHandedOut({
  address,
  trusted,
  bucket = null,
  resolve = resolved,
}: HandedOut): Promise<string> {
  const url = URL.parse(address)
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('forbidden', 'The catalog hands out an address for files that is not one.')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const ips = isIP(host) === 0 ? [...(await resolve(host))] : [host]
  if (bucket !== null && isIP(host) === 0) ips.push(...(await resolve(`${bucket}.${host}`)))
  if (ips.some((ip) => isMetadataAddress(ip))) {
    throw new AppError(
      'forbidden',
      `The catalog hands out ${url.origin} for files. Lakeshore never goes to link-local addresses.`,
    )
  }
  if (ips.some((ip) => isIn(INSIDE, ip)) && !isNamed(url, trusted)) {
    throw new AppError(
      'forbidden',
      `The catalog hands out ${url.origin} for files, which is inside this network. Name it as the endpoint of the connection's own storage to allow it.`,
    )
  }
  return url.href.replace(/\/+$/, '')
}

/** A catalog's own host is trusted on every port: it is often one machine with its store. */
function isNamed(url: URL, trusted: readonly string[]): boolean {
  return trusted.some((address) => URL.parse(address)?.hostname === url.hostname)
}

function isIn(list: BlockList, ip: string): boolean {
  const plain = ip.replace(/%.*$/, '')
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

async function resolved(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    throw new AppError('catalog-unavailable', `The catalog hands out ${host} for files, and there is no such host.`, {
      cause,
    })
  }
}

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [net, bits] of subnets) list.addSubnet(net, bits, isIP(net) === 6 ? 'ipv6' : 'ipv4')
  return list
}
