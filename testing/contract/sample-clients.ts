import type { TableClient, TableClients } from '@/lib/contract/table/clients'

/** No client of a table in our own catalog. */
export const NO_CLIENTS: TableClients = { clients: [], isTruncated: false, recordedSince: '2026-01-01' }

const today = () => new Date().toISOString().slice(0, 10)

/** PyIceberg, which wrote and read today. */
export function samplePyIceberg(change: Partial<TableClient> = {}): TableClient {
  return { name: 'PyIceberg', version: '0.12.0', library: null, lastReadOn: today(), lastWrittenOn: today(), ...change }
}
