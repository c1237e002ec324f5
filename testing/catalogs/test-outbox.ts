import type { Outbox } from '@/server/catalog/port/outbox'
import type { Change } from '@/server/db/database'

/** An outbox without a database. `record` gets the rows that belong to each write. */
export function createTestOutbox(record: (changes: readonly Change[]) => unknown = () => {}): Outbox {
  return {
    save: async () => {},
    record: async (_id, changes) => {
      if (changes.length > 0) await record(changes)
    },
    withdraw: async () => {},
    release: async () => {},
  }
}
