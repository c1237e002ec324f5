import { choice, type PropertyEntry } from './property-entry'

/** The keys of an encrypted table. */
export const ENCRYPTION_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'encryption.key-id',
    doc: 'The id of the master key in the key management service; the table is encrypted when it is set.',
    since: '1.5.0',
    honouredBy: ['spark', 'flink'],
  },
  {
    name: 'encryption.data-key-length',
    doc: 'The length of the keys that encrypt files.',
    values: choice('16', '24', '32'),
    default: '16',
    unit: 'bytes',
    since: '1.5.0',
    honouredBy: ['spark', 'flink'],
  },
]
