import { OwnCatalogPoll, type OwnCatalogServices, ownCatalogSource } from '@/server/facts/own-catalog'
import { recordTableChanges } from '@/server/facts/record-changes'

/** Continues the histories of our own catalog as a worker does: with its changes, and with what other programs wrote. */
export async function collectFacts(services: OwnCatalogServices): Promise<void> {
  const { signal } = new AbortController()
  const source = ownCatalogSource(services, signal)
  while ((await recordTableChanges(services, source, signal)).used > 0);
  await new OwnCatalogPoll(services).run(signal)
}
