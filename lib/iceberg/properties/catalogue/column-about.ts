import { BADGES } from '../about'
import { columnAboutKey } from '../column-about'
import { choice, type PropertyEntry } from './property-entry'

/** Descriptions of a column. */
export const COLUMN_ABOUT_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: columnAboutKey('<field id>', 'tags'),
    doc: 'Words to find the column by, separated by commas.',
    values: { kind: 'tags' },
    honouredBy: ['lakeshore'],
  },
  {
    name: columnAboutKey('<field id>', 'badge'),
    doc: 'Whether others may rely on the column, or should move away from it.',
    values: choice(...BADGES),
    honouredBy: ['lakeshore'],
  },
  {
    name: columnAboutKey('<field id>', 'badge-reason'),
    doc: 'Why the column has its badge, or what to use in its place.',
    honouredBy: ['lakeshore'],
  },
]
