import 'server-only'
import dgram from 'node:dgram'
import net from 'node:net'
import os from 'node:os'
import tls from 'node:tls'
import type { AuditSyslog } from '@/server/config/audit-receivers'
import { requireSafeHost, safeLookup } from '@/server/http-out/safe-address'
import { clock, type Timer } from '@/server/timing/clock'
import type { Receiver } from './receiver'
import { toOctetCounted, toSyslogMessage } from './syslog-message'

/** The size of one datagram, below the limit of IPv4. */
const MAX_DATAGRAM_BYTES = 60_000
/** For a receiver that reads everything and then does not close the connection. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * Entries as syslog messages. Syslog has no acknowledgements. Over TCP and TLS each batch has its own connection: when
 * the receiver closes it after we closed ours, it has read all of it. A lost datagram stays lost.
 */
export function syslogReceiver(settings: AuditSyslog): Receiver {
  const { protocol, host, port } = settings
  const sender = { hostname: os.hostname(), processId: process.pid }
  return {
    name: 'syslog',
    target: `${protocol}://${net.isIPv6(host) ? `[${host}]` : host}:${port}`,
    deliver: async (entries, signal) => {
      requireSafeHost(new URL(`https://${net.isIPv6(host) ? `[${host}]` : host}`), 'anywhere')
      if (protocol === 'udp') {
        await sendDatagrams(
          entries.map((entry) => toSyslogMessage(entry, sender, MAX_DATAGRAM_BYTES)),
          settings,
          signal,
        )
      } else {
        await sendStream(
          entries.map((entry) => toOctetCounted(toSyslogMessage(entry, sender))).join(''),
          settings,
          signal,
        )
      }
    },
  }
}

function sendStream(text: string, { protocol, host, port, ca }: AuditSyslog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const address = { host, port, lookup: safeLookup('anywhere') }
    const socket =
      protocol === 'tls'
        ? tls.connect({ ...address, ...(net.isIP(host) === 0 && { servername: host }), ...(ca !== null && { ca }) })
        : net.connect(address)
    let closing: Timer | undefined
    const stop = () => socket.destroy(new Error('It took too long.'))
    const end = (error?: Error) => {
      closing?.cancel()
      signal.removeEventListener('abort', stop)
      socket.destroy()
      if (error) reject(error)
      else resolve()
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
    let isSent = false
    socket.on('error', end)
    // A receiver should not send anything; what it sends is read so that its end arrives.
    socket.resume()
    socket.once('end', () =>
      end(isSent ? undefined : new Error('It closed the connection before it had received everything.')),
    )
    socket.once('close', () => end(isSent ? undefined : new Error('The connection was cut.')))
    socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', () => {
      socket.end(text, () => {
        isSent = true
        closing = clock.after(CLOSE_TIMEOUT_MS, () => end())
      })
    })
  })
}

async function sendDatagrams(
  messages: readonly string[],
  { host, port }: AuditSyslog,
  signal: AbortSignal,
): Promise<void> {
  const { address, family } = await new Promise<{ address: string; family: number }>((resolve, reject) => {
    safeLookup('anywhere')(host, { all: false }, (error, found, foundFamily) => {
      if (error) reject(error)
      else if (typeof found === 'string') resolve({ address: found, family: foundFamily ?? net.isIP(found) })
      else reject(new Error(`${host} was not resolved to one address.`))
    })
  })
  const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    for (const message of messages) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        socket.send(message, port, address, (error) => (error ? reject(error) : resolve()))
      })
    }
  } finally {
    socket.close()
  }
}
