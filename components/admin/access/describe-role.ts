import type { Role } from '@/lib/permissions'

/** The actions that a role allows on the resource that it is granted on. */
export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'Sees and reads it, and may propose changes.',
  editor: 'Also changes and maintains it: data, schema, snapshots, dropping tables.',
  admin: 'Also grants roles on it to others.',
}
