import type { EffectiveAccess } from '@/lib/contract/access'

/** What a user may do with a resource, from the least to the most. */
export const ACCESS_LEVELS = [
  { id: 'see', label: 'See' },
  { id: 'read', label: 'Read' },
  { id: 'write', label: 'Write' },
  { id: 'maintain', label: 'Maintain' },
  { id: 'admin', label: 'Admin' },
] as const satisfies readonly { id: keyof EffectiveAccess['may']; label: string }[]
