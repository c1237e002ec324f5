import 'server-only'
import type { Permission, Resource } from '@/lib/permissions'
import type { NamedAbility } from '@/server/catalog/require-ability'
import type { Attempt } from './attempt'
import type { ChangeServices, Target } from './change-request'

export type NeededPermission = {
  permission: Permission
  resource: Resource
  /** A name that must not exist yet. */
  isNew?: true
}

/**
 * One kind of write, as data and functions (ADR 084). `carryOut` takes the steps that all kinds share; these members
 * are particular to one.
 *
 * `Input` is the request together with the reviewed state: a repeated request has to contain all of it again.
 */
export type Action<Needs extends ChangeServices, On extends Target, Input, Done> = {
  /** As in keys, so that no two kinds share one. */
  kind: string
  /**
   * Whether a policy that demands two people holds it: then it needs a proposal of another user. False for actions that
   * only add to the lake.
   */
  isHeld: boolean
  /** How it is proposed where no page does it, in a sentence. */
  proposalAdvice?: string
  /** Permissions that the actor needs in addition to that of the endpoint. */
  permissions?(on: On, input: Input): readonly NeededPermission[]
  /** The ability that the catalog needs. */
  ability?(input: Input): NamedAbility
  /**
   * Plans the change on the state that it replaces, and makes it. It compares the reviewed state and the typed name
   * with that very state.
   */
  commit(attempt: Attempt<Needs>, on: On, input: Input): Promise<Done>
  /**
   * The answer to a request that was carried out before.
   *
   * @param auditId of its entry
   */
  repeat(attempt: Attempt<Needs>, on: On, input: Input, auditId: string): Promise<Done>
}
