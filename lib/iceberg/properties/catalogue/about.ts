import { ABOUT_KEYS, BADGES, PROTECTED_PROPERTY } from '../about'
import { CLONED_FROM } from '../cloned-from'
import { choice, flag, type PropertyEntry } from './property-entry'

/** Descriptions of the table. Lakeshore shows them next to its name. */
export const ABOUT_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: ABOUT_KEYS.description,
    doc: 'What the table is for, in the owner’s words.',
    since: '1.11.0',
    honouredBy: ['spark', 'flink', 'trino', 'lakeshore'],
  },
  { name: ABOUT_KEYS.owner, doc: 'Who is responsible for the table.', honouredBy: ['spark', 'lakeshore'] },
  {
    name: ABOUT_KEYS.tags,
    doc: 'Words to find the table by, separated by commas.',
    values: { kind: 'tags' },
    honouredBy: ['lakeshore'],
  },
  {
    name: ABOUT_KEYS.badge,
    doc: 'Whether others may rely on the table, or should move away from it.',
    values: choice(...BADGES),
    honouredBy: ['lakeshore'],
  },
  {
    name: ABOUT_KEYS.badgeReason,
    doc: 'Why the table has its badge, or what to use in its place.',
    honouredBy: ['lakeshore'],
  },
  {
    name: PROTECTED_PROPERTY,
    doc: 'Whether the table may not be dropped, renamed or unregistered. Lakeshore’s own catalog holds engines to it, too.',
    ...flag('false'),
    honouredBy: ['lakeshore'],
  },
  {
    name: CLONED_FROM.table,
    doc: 'The table that this one is a clone of, by its name then.',
    honouredBy: ['lakeshore'],
  },
  { name: CLONED_FROM.tableUuid, doc: 'The id of the table that this one is a clone of.', honouredBy: ['lakeshore'] },
  { name: CLONED_FROM.snapshotId, doc: 'The snapshot whose rows were cloned.', honouredBy: ['lakeshore'] },
  { name: CLONED_FROM.at, doc: 'When the table was cloned.', honouredBy: ['lakeshore'] },
]
