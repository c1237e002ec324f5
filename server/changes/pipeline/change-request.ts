import 'server-only'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Services } from '@/server/services'

/** The user, and the parts of the request apart from the change itself. */
export type ChangeRequest = {
  actor: Actor
  signal: AbortSignal
  requestId: string | null
  /** The proposal that is carried out; absent: a user acts alone. */
  proposal?: Proposal | undefined
  /** Chosen by the client: a repeated request with the same key is carried out once and gets the same answer. */
  idempotencyKey?: string | undefined
  /** Namespace and name, typed by the person where something is lost. */
  confirmedName?: string | undefined
  /** It is one of several writes that carry out the proposal, and does not end it. */
  isPart?: true
  /** The time of the commit and of its audit entry, see `CommitOptions`; now if absent. */
  committedAtMs?: number | undefined
}

/** Services that every action needs. */
export type ChangeServices = Pick<Services, 'catalogs' | 'database'>

/** A namespace, or a table or view in one. */
export type Target = { catalog: string; namespace: Namespace } | TableIdentifier | ViewIdentifier
