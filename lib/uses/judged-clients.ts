import { type ClientDemand, clientDemands, describeSupport } from '@/lib/changes/intents/client-support'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableClient, TableClients } from '@/lib/contract/table/clients'
import { formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import type { Support } from '@/lib/iceberg/properties/codec-readers'
import { RECENT_DAYS, recentClients } from './client-texts'

/**
 * A client with what it can do after a change. `state`: the worst of it. `loss`: the end of a sentence about the client,
 * null if it is not known to lose anything.
 */
export type JudgedClient = { client: TableClient; state: Support; text: string; loss: string | null }

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
      const supports = demands.map(({ noun, lost, supportOf }) => ({ noun, lost, support: supportOf(client) }))
      const values = supports.flatMap(({ support }) => [support.read, support.write])
      return {
        client,
        state: WORST_FIRST.find((state) => values.includes(state)) ?? 'can',
        loss: describeLoss(supports),
        text: supports.map(({ noun, support }) => describeSupport(support, noun)).join('; '),
      }
    })
    .toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))
}

type JudgedDemand = Pick<ClientDemand, 'lost'> & { support: ReturnType<ClientDemand['supportOf']> }

/** `will no longer be able to read or write the table`. */
function describeLoss(demands: readonly JudgedDemand[]): string | null {
  const unmet = demands.filter(({ support }) => support.read === 'cannot' || support.write === 'cannot')
  if (unmet.length === 0) return null
  const verbs = (['read', 'write'] as const).filter((verb) => unmet.some(({ support }) => support[verb] === 'cannot'))
  return unmet.some(({ lost }) => lost === 'the table')
    ? `will no longer be able to ${verbs.join(' or ')} the table`
    : `will not be able to ${verbs.join(' or ')} new files`
}

/** `Of the 3 known clients of the last 30 days, 1 will no longer be able to write the table and 1 is not known.` */
export function summarizeClients({ recordedSince }: TableClients, judged: readonly JudgedClient[]): string {
  const noun = recordedSince === null ? 'known writer' : 'known client'
  if (judged.length === 0) return `No ${noun} used the table in the last ${RECENT_DAYS} days.`
  const [only, ...others] = judged
  if (only !== undefined && others.length === 0) {
    const subject = `the only ${noun} of the last ${RECENT_DAYS} days`
    if (only.state === 'unknown') return `Whether ${subject} can use the table as before is not known.`
    return `The${subject.slice(3)} ${only.loss ?? 'can use the table as before'}.`
  }
  const losses = judged.flatMap(({ loss }) => loss ?? [])
  const unknown = judged.filter(({ state }) => state === 'unknown').length
  const parts = [
    ...[...new Set(losses)].map((loss) => `${losses.filter((one) => one === loss).length} ${loss}`),
    ...(unknown === 0 ? [] : [`${unknown} ${unknown === 1 ? 'is' : 'are'} not known`]),
  ]
  const all = `${formatQuantity(judged.length, noun)} of the last ${RECENT_DAYS} days`
  return parts.length === 0 ? `All ${all} can use the table as before.` : `Of the ${all}, ${formatList(parts)}.`
}
