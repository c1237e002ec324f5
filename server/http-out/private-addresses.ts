import 'server-only'
import { BlockList, isIP } from 'node:net'

/** Addresses of this machine and of private networks, and aliases that lead to one. */
const PRIVATE_ADDRESSES = createBlockList([
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

/** @param address numeric, as name servers and `URL` write it */
export function isPrivateAddress(address: string): boolean {
  const withoutZone = address.replace(/%.*$/, '')
  return PRIVATE_ADDRESSES.check(withoutZone, isIP(withoutZone) === 6 ? 'ipv6' : 'ipv4')
}

function createBlockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of subnets) list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}
