import type { LakeEvent } from '@/lib/contract/home'
import type { Actor } from '@/server/auth/actor'
import { readCountedTables } from '@/server/metrics/facts/counted-tables'
import { readNewestEvents } from '@/server/metrics/facts/newest-events'
import type { Services } from '@/server/services'
import { collectFacts } from '../facts/collect-facts'

/** The newest events of the home page, with the commits until now. */
export async function listNewestEvents(services: Services, actor: Actor, limit: number): Promise<LakeEvent[]> {
  await collectFacts(services)
  const { tables } = await readCountedTables(services, actor, {})
  const { events } = await readNewestEvents(services.database, actor, tables, limit)
  return events
}
