import 'server-only'
import { createHmac } from 'node:crypto'
import type { Headers } from '@/server/http-out/send-request'

export type SignableRequest = { method: string; url: URL; headers: Headers; bodyBytes: number }

/** Headers whose values are part of the text to sign, in this order and without their names. */
const SIGNED_BY_VALUE = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const

/**
 * The `authorization` header of a request that is signed with an account's key.
 *
 * Spec: Azure Storage REST, *Authorize with Shared Key*, for version 2015-02-21 and later.
 *
 * @param accountKey base64, as Azure shows it
 */
export function sharedKeyAuthorization(
  { method, url, headers, bodyBytes }: SignableRequest,
  { account, accountKey }: { account: string; accountKey: string },
): string {
  const sent: Headers = { ...headers, ...(bodyBytes > 0 && { 'content-length': String(bodyBytes) }) }
  const text = [
    method,
    ...SIGNED_BY_VALUE.map((name) => sent[name] ?? ''),
    ...Object.keys(headers)
      .filter((name) => name.startsWith('x-ms-'))
      .sort()
      .map((name) => `${name}:${headers[name]}`),
    `/${account}${url.pathname}`,
    ...[...url.searchParams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}:${value}`),
  ].join('\n')
  const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text).digest('base64')
  return `SharedKey ${account}:${signature}`
}
