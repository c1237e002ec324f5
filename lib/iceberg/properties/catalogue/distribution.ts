import { choice, type PropertyEntry } from './property-entry'

/** How engines spread rows over writers. */
export const DISTRIBUTION_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'write.distribution-mode',
    doc: 'How an engine spreads rows over writers: not at all, by partition, or by range of the sort order.',
    values: choice('none', 'hash', 'range'),
    since: '0.11.0',
    honouredBy: ['spark', 'flink'],
  },
  {
    name: 'write.delete.distribution-mode',
    doc: 'The same for DELETE.',
    values: choice('none', 'hash', 'range'),
    since: '0.13.0',
    honouredBy: ['spark'],
  },
  {
    name: 'write.update.distribution-mode',
    doc: 'The same for UPDATE.',
    values: choice('none', 'hash', 'range'),
    since: '0.13.0',
    honouredBy: ['spark'],
  },
  {
    name: 'write.merge.distribution-mode',
    doc: 'The same for MERGE.',
    values: choice('none', 'hash', 'range'),
    since: '0.13.0',
    honouredBy: ['spark'],
  },
]
