import type { Role } from '@/lib/permissions'

/** The signed-in user, as far as the shell needs to know. */
export type SignedInUser = { username: string; role: Role | null }
