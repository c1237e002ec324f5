import 'server-only'
import { createHmac } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { AUDIT_FORMATS } from '@/server/audit/audit-lines'
import type { AuditWebhook } from '@/server/config/audit-receivers'
import { readBody, sendRequest } from '@/server/http-out/send-request'
import { clock } from '@/server/timing/clock'
import type { Receiver } from './receiver'

const ANSWER_TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * Entries as one POST of NDJSON. Any status from 200 to 299 means that the receiver has them; redirects are not
 * followed.
 */
export function webhookReceiver({ url, token, secret }: AuditWebhook): Receiver {
  return {
    name: 'webhook',
    target: url.host,
    deliver: async (entries, signal) => {
      const body = entries.map(AUDIT_FORMATS.ndjson.toLine).join('')
      const headers = {
        'content-type': 'application/x-ndjson',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Lakeshore',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(secret !== null && { 'x-lakeshore-signature': signature(body, secret, Math.floor(clock.nowMs() / 1000)) }),
      }
      const request = { method: 'POST', url, headers, body: Buffer.from(body) }
      const response = await sendRequest(request, { signal, idleTimeoutMs: ANSWER_TIMEOUT_MS })
      const status = response.statusCode ?? 0
      // The response is read only so that the connection can be reused.
      await readBody(response, MAX_ANSWER_BYTES, ANSWER_TIMEOUT_MS).catch(() => null)
      if (status < 200 || status > 299) throw new AppError('internal', `It answered ${status}.`)
    },
  }
}

/**
 * `t=<seconds since 1970>,v1=<hex>`: the HMAC-SHA-256 of the time, a full stop and the body. With the time in it, an old
 * request cannot be sent again by a third party.
 */
export function signature(body: string, secret: string, timeS: number): string {
  const digest = createHmac('sha256', secret).update(`${timeS}.${body}`).digest('hex')
  return `t=${timeS},v1=${digest}`
}
