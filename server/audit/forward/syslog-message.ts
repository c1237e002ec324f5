import 'server-only'
import type { AuditEntryView } from '@/lib/contract/audit'
import { toEntryJson } from '@/server/audit/audit-lines'

/** Spec: RFC 5424. */

/** *log audit*. */
const FACILITY = 13
const SEVERITIES = { refused: 4, informational: 6 } as const

export type SyslogSender = { hostname: string; processId: number }

/**
 * An entry as one syslog message. Its text is the JSON of the entry in ASCII, so that no receiver has to know its
 * encoding. Its id is that of the API, which identifies a repeated message.
 *
 * @param maxBytes longer entries are cut: without their changes, and saying so
 */
export function toSyslogMessage(
  entry: AuditEntryView,
  { hostname, processId }: SyslogSender,
  maxBytes = Number.POSITIVE_INFINITY,
): string {
  const severity = entry.outcome === 'refused' ? SEVERITIES.refused : SEVERITIES.informational
  const head = [
    `<${FACILITY * 8 + severity}>1`,
    new Date(entry.atMs).toISOString(),
    headerField(hostname, 255),
    'lakeshore',
    String(processId),
    headerField(entry.action, 32),
    // No structured data.
    '-',
  ].join(' ')
  const json = toEntryJson(entry)
  const message = `${head} ${toAsciiJson(json)}`
  return message.length <= maxBytes ? message : `${head} ${toAsciiJson({ ...json, changes: [], isTruncated: true })}`
}

/** Spec: RFC 6587, 3.4.1: octet counting. */
export function toOctetCounted(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`
}

/** Visible ASCII; `-` for an empty text. */
function headerField(text: string, maxCharacters: number): string {
  return text.replace(/[^!-~]/g, '_').slice(0, maxCharacters) || '-'
}

function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
