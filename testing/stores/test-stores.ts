import { Stores } from '@/server/storage/stores'
import { SILENT_LOG } from '@/testing/silent-log'

/** The stores of a program without a warehouse. */
export function createTestStores(): Stores {
  const warehouse = 'file:///nowhere'
  return new Stores(
    { catalogName: 'local', warehouse, storage: { kind: 'local', roots: [warehouse] }, warehouseMappings: [] },
    SILENT_LOG,
  )
}
