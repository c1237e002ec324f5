import 'server-only'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { isMetadataAddress } from '@/server/http-out/metadata-addresses'
import { ConfigError } from './config-error'
import type { Settings } from './settings'

/** Where the audit is forwarded to, as the operator configured it. */
export type AuditReceivers = { webhook: AuditWebhook | null; syslog: AuditSyslog | null }

export type AuditWebhook = {
  url: URL
  /** For `Authorization: Bearer`. */
  token: string | null
  /** For the signature of each request. */
  secret: string | null
}

export type AuditSyslog = {
  protocol: 'tls' | 'tcp' | 'udp'
  host: string
  port: number
  /** PEM certificates of the authorities for the receiver's certificate; null: those of the system. */
  ca: string | null
}

const DEFAULT_PORTS = { tls: 6514, tcp: 601, udp: 514 } as const

/** @throws {ConfigError} */
export function toAuditReceivers(settings: Settings): AuditReceivers {
  const { LAKESHORE_AUDIT_WEBHOOK_URL: url, LAKESHORE_AUDIT_SYSLOG_URL: syslog } = settings
  const { LAKESHORE_AUDIT_WEBHOOK_TOKEN: token = null, LAKESHORE_AUDIT_WEBHOOK_SECRET: secret = null } = settings
  if (url === undefined && (token !== null || secret !== null))
    throw new ConfigError('LAKESHORE_AUDIT_WEBHOOK_URL is not set, although the token or the secret of a webhook is')
  if (url !== undefined) requireSendable('LAKESHORE_AUDIT_WEBHOOK_URL', url)
  if (syslog !== undefined) requireSendable('LAKESHORE_AUDIT_SYSLOG_URL', syslog)
  return {
    webhook: url === undefined ? null : { url: new URL(url), token, secret },
    syslog: syslog === undefined ? null : toSyslog(syslog, settings.LAKESHORE_AUDIT_SYSLOG_CA_FILE),
  }
}

/** Requests to such addresses are refused anyway. An operator should know at the start, not from a failing receiver. */
function requireSendable(setting: string, text: string): void {
  // Only the schemes of the web write a numeric host in one way.
  const address = `https://${new URL(text).hostname}`
  const host = URL.canParse(address) ? new URL(address).hostname.replace(/^\[|\]$/g, '') : null
  if (host === null) throw new ConfigError(`${setting}: its host is neither a name nor an address`)
  if (isIP(host) !== 0 && isMetadataAddress(host))
    throw new ConfigError(
      `${setting}: ${host} is a link-local or cloud metadata address. Lakeshore sends nothing there`,
    )
}

/** `tls://host:6514`, `tcp://…` or `udp://…`, after the check. */
function toSyslog(text: string, caFile: string | undefined): AuditSyslog {
  const { protocol: scheme, hostname, port } = new URL(text)
  const protocol = scheme === 'tls:' ? 'tls' : scheme === 'tcp:' ? 'tcp' : 'udp'
  return {
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORTS[protocol] : Number(port),
    ca: caFile === undefined ? null : readCertificates(caFile),
  }
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`LAKESHORE_AUDIT_SYSLOG_CA_FILE: ${file} cannot be read`, { cause })
  }
}
