import { clientDemands, describeSupport } from '@/lib/changes/intents/client-support'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import { formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import type { Support } from '@/lib/iceberg/properties/codec-readers'
import { RECENT_DAYS, recentClients } from './client-texts'

/** A client with what it can do after a change. `state`: the worst of it. */
export type JudgedClient = { client: TableClient; state: Support; text: string }

const WORST_FIRST: readonly Support[] = ['cannot', 'unknown', 'can']

/**
 * The clients of the last 30 days with what each can do after changes, those that cannot follow first.
 *
 * @param intents some of which ask something of clients
 */
export function judgeClients(clients: TableClients, intents: readonly Intent[], nowMs: number): JudgedClient[] {
  const demands = clientDemands(intents)
  return recentClients(clients, nowMs)
    .map((client) => {
      const supports = demands.map(({ noun, supportOf }) => ({ noun, support: supportOf(client) }))
      const values = supports.flatMap(({ support }) => [support.read, support.write])
      return {
        client,
        state: WORST_FIRST.find((state) => values.includes(state)) ?? 'can',
        text: supports.map(({ noun, support }) => describeSupport(support, noun)).join('; '),
      }
    })
    .toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))
}

/** `Of 3 known clients of the last 30 days, 1 cannot use the table as before and 1 is not known.` */
export function summarizeClients({ recordedSince }: TableClients, judged: readonly JudgedClient[]): string {
  const noun = recordedSince === null ? 'known writer' : 'known client'
  if (judged.length === 0) return `No ${noun} used the table in the last ${RECENT_DAYS} days.`
  const countOf = (state: Support) => judged.filter((one) => one.state === state).length
  const [lost, unknown] = [countOf('cannot'), countOf('unknown')]
  const parts = [
    ...(lost === 0 ? [] : [`${lost} cannot use the table as before`]),
    ...(unknown === 0 ? [] : [`${unknown} ${unknown === 1 ? 'is' : 'are'} not known`]),
  ]
  const outcome = parts.length === 0 ? `${judged.length} can use the table as before` : formatList(parts)
  return `Of ${formatQuantity(judged.length, noun)} of the last ${RECENT_DAYS} days, ${outcome}.`
}
