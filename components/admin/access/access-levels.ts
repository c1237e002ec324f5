import type { AccessEntry } from '@/lib/contract/access'
import type { Role } from '@/lib/permissions'

type Level = AccessEntry['level']

/** The actions of a user on a resource, from the least to the most, and which levels of access allow each. */
export const ACCESS_COLUMNS = [
  { id: 'see', label: 'See', levels: ['inside', 'read', 'write', 'admin'] },
  { id: 'read', label: 'Read', levels: ['read', 'write', 'admin'] },
  { id: 'write', label: 'Write', levels: ['write', 'admin'] },
  { id: 'maintain', label: 'Maintain', levels: ['write', 'admin'] },
  { id: 'admin', label: 'Admin', levels: ['admin'] },
] as const satisfies readonly { id: string; label: string; levels: readonly Level[] }[]
export type AccessColumn = (typeof ACCESS_COLUMNS)[number]

export const LEVEL_OF_ROLE: Record<Role, Level> = { viewer: 'read', editor: 'write', admin: 'admin' }

export function allows({ levels }: AccessColumn, level: Level): boolean {
  return (levels as readonly Level[]).includes(level)
}
