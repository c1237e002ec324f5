import { ABOUT_KEYS, MARKS, PROTECTED_PROPERTY } from '../about'
import { choice, flag, type PropertyEntry } from './property-entry'

/** What people say of the table. Lakeshore shows it where the table's name is. */
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
    name: ABOUT_KEYS.mark,
    doc: 'Whether others may rely on the table, or should move away from it.',
    values: choice(...MARKS),
    honouredBy: ['lakeshore'],
  },
  {
    name: ABOUT_KEYS.markReason,
    doc: 'Why the table has its mark, or what to use in its place.',
    honouredBy: ['lakeshore'],
  },
  {
    name: PROTECTED_PROPERTY,
    doc: 'Whether the table may not be dropped, renamed or unregistered. Lakeshore’s own catalog holds engines to it, too.',
    ...flag('false'),
    honouredBy: ['lakeshore'],
  },
]
