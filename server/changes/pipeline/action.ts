import 'server-only'
import type { Reviewed } from '@/lib/contract/proposals'
import type { AppError } from '@/lib/errors'
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
  /** It makes several writes, of which the last one has the key. */
  hasSteps?: true
  /** How it is proposed where no page does it, in a sentence. */
  proposalAdvice?: string
  /** Permissions that the actor needs in addition to that of the endpoint. */
  permissions?(on: On, input: Input): readonly NeededPermission[]
  /** The ability that the catalog needs. */
  ability?(input: NoInfer<Input>): NamedAbility
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

/** A user who looks at an action, on a catalog that has the ability for it. */
export type Reviewing<Services extends ChangeServices> = Pick<
  Attempt<Services>,
  'services' | 'catalog' | 'actor' | 'signal'
>

/** The effect that an action would have on the current state. */
export type Review<Shown> = {
  /** The failure that carrying it out would have now; null if none is known. What has a problem is not proposed. */
  problem: AppError | null
  /**
   * Reads and returns what users see: the request, statements for engines, warnings, the effect.
   *
   * @throws {AppError} the problem, if it leaves nothing to show
   */
  show(): Promise<Shown>
}

/** An action that a user looks at before it is carried out. `Shown` is null where pages show it from other endpoints. */
export type Reviewable<Needs extends ChangeServices, On extends Target, Requested, Shown> = {
  /** The ability that the catalog needs. */
  ability?(requested: Requested): NamedAbility
  /**
   * Changes nothing. A state that prevents the action is a problem, not a failure.
   *
   * @throws {AppError} not-found without the target; forbidden; invalid-request for a request that fits no state
   */
  review(reviewing: Reviewing<Needs>, on: On, requested: Requested): Promise<Review<Shown>>
}

/** An action that can be proposed. `State` is what a commit has to name of its review. */
export type ProposableAction<Needs extends ChangeServices, On extends Target, Requested, State, Done, Shown> = Action<
  Needs,
  On,
  Requested & State,
  Done
> &
  Reviewable<Needs, On, Requested, Shown> & {
    /** @throws {AppError} invalid-request when a commit does not name it */
    toReviewed(reviewed: Reviewed | undefined): State
  }

/** Nothing: the request itself says all that it replaces. */
export type NothingReviewed = object
