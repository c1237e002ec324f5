import 'server-only'
import { isIP } from 'node:net'
import * as z from 'zod'

/** A host whose files users may load by their URLs. */
export type LoadHost = {
  /** As the operator wrote it. */
  text: string
  protocol: 'http:' | 'https:'
  /** As `URL` writes it. */
  hostname: string
  /** Whether it stands for all names below `hostname`, and not for that name itself. */
  isWildcard: boolean
  /** Empty for the usual port of the protocol, as in `URL`. */
  port: string
  /** Whether it may be at an address inside the network. */
  isPrivate: boolean
}

const MAX_LOAD_HOSTS = 100

/**
 * `data.example.org, *.gov.example, http://old.example:8080`. Without a protocol only https is allowed, and without a port
 * only the usual one.
 *
 * @param isPrivate of all hosts, which then have no wildcards: names below a domain may be anybody's
 */
export function loadHostsSchema({ isPrivate }: { isPrivate: boolean }) {
  return z
    .string()
    .default('')
    .transform((text, context): LoadHost[] => {
      const parts = text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
      const hosts: LoadHost[] = []
      for (const part of parts) {
        const host = parseLoadHost(part, isPrivate)
        if (host !== null) hosts.push(host)
        else {
          context.addIssue({
            code: 'custom',
            message: `must list hosts such as data.example.org${isPrivate ? '' : ', *.gov.example'} or http://files.example:8080: ${part}`,
          })
          return z.NEVER
        }
      }
      if (hosts.length <= MAX_LOAD_HOSTS) return hosts
      context.addIssue({ code: 'custom', message: `must list at most ${MAX_LOAD_HOSTS} hosts` })
      return z.NEVER
    })
}

function parseLoadHost(text: string, isPrivate: boolean): LoadHost | null {
  const [, protocol = 'https', wildcard, authority = ''] =
    /^(?:(https?):\/\/)?(\*\.)?([^/\\?#@*\s]+)$/i.exec(text) ?? []
  const address = `${protocol.toLowerCase()}://${authority}`
  const isWildcard = wildcard !== undefined
  if (authority === '' || !URL.canParse(address)) return null
  const { hostname, port } = new URL(address)
  // `*.com` would be everybody's, and an address has no names below it.
  if (isWildcard && (isPrivate || !hostname.includes('.') || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)) return null
  return {
    text,
    protocol: protocol.toLowerCase() === 'http' ? 'http:' : 'https:',
    hostname,
    isWildcard,
    port,
    isPrivate,
  }
}

/** The entry that allows a URL; null if none does. */
export function findLoadHost(hosts: readonly LoadHost[], { protocol, hostname, port }: URL): LoadHost | null {
  return (
    hosts.find(
      (host) =>
        host.protocol === protocol &&
        host.port === port &&
        (host.isWildcard ? hostname.endsWith(`.${host.hostname}`) : hostname === host.hostname),
    ) ?? null
  )
}
